"""The server killed under writers: see `__main__`."""
