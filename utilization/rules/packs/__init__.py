"""From text to a pack of criteria, every fault at its line; and two packs beside each other."""
