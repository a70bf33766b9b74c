"""A release as one archive: made, installed, upgraded to, and the way back. Of the standard library alone.

`make.py` is for whoever makes a release, and there a library writes the list of components; all else runs as root on
the hospital's host, by Debian's own Python, before there is an environment.
"""
