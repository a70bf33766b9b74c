"""The decision diagram of an indication: grown once, restricted by what is known, and what is read off it."""
