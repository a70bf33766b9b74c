"""The evidence behind the criteria, for everyone who is signed in."""
