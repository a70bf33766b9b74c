"""The rules: plain Python without Django, clock or I/O. Everything they need comes in as arguments."""
