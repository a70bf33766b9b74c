"""Work on criteria as somebody typed them, in a process that is ended when it takes too much: `run.py` starts it,
`work.py` is it. Whatever a text makes of a reader or a judge, the pages stay up."""
