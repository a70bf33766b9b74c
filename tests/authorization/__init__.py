"""Pages on the life of an authorization."""
