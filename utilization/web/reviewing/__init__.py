"""The reviewers' pages: the queue, and one screen on which to decide."""
