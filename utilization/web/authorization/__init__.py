"""Pages on the life of an authorization: what was given by it, and whether it is live."""
