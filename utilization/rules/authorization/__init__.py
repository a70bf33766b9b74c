"""An authorization after it was given: what may be infused, what was, what is left, and when the next is due."""
