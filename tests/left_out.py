"""How many long tests a run left out, said at its end: `./run test` alone leaves them to `.ci/run` (decision 0104)."""

import pytest

LEFT_OUT = pytest.StashKey[int]()
SAID = "{} long tests were left out, which .ci/run runs. So does: ./run test -n auto --dist worksteal -m long"


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long"):
            item.config.stash[LEFT_OUT] = left_out(item.config) + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    # A process of xdist's hands its count to the one that started it, which chooses no tests itself.
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = left_out(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    # Each process chose from all tests; one that crashed tells nothing.
    told = getattr(node, "workeroutput", {}).get("left_out", 0)
    node.config.stash[LEFT_OUT] = max(told, left_out(node.config))  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := left_out(config):
        terminalreporter.write_line(SAID.format(count))


def left_out(config: pytest.Config) -> int:
    """How many long tests this process chose to leave out, or was told of."""
    return config.stash.get(LEFT_OUT, 0)
