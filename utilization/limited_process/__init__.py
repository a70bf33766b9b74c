"""Work on criteria as somebody typed them, and on files that somebody attaches, in a process that is ended when it
takes too much: `run.py` starts it; `work.py`, `attachment.py` or `logo.py` is it. Whatever comes in, pages stay up."""
