"""How long tests wait for what must come, in seconds: only what never comes is missed, on a machine however busy.

A shorter wait is itself what a test is about, and then set by it.
"""

from collections.abc import Iterator

import pytest

from utilization.web.middleware import IdleTimeout

PATIENCE = 900
PAGE_MILLISECONDS = 120_000
"""The same for what a page shows, by the clock of the browser's driver."""
RENEWED_AFTER = IdleTimeout.RENEW_AFTER_SECONDS
"""As the product has it."""


@pytest.fixture(autouse=True, scope="session")
def sessions_renewed_seldom() -> Iterator[None]:
    """Have no minute that passes between two counts of statements add the three that renew a session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IdleTimeout, "RENEW_AFTER_SECONDS", 290)
        yield
