"""What nobody touched has no finding."""


def test_an_untouched_history_has_no_finding(history):
    rows, log = history.check()
    assert rows.problems == log == ()
    assert (rows.uncovered, rows.unclosed) == ((), 0)
