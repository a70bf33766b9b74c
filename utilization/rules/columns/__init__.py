"""The same criteria as SQL over a row a request, for replay."""
