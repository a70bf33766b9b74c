"""An identity provider for these tests."""

from collections.abc import Iterator

import pytest

from tests.single_sign_on.loopback_provider import LoopbackProvider


@pytest.fixture(scope="package")
def running() -> Iterator[LoopbackProvider]:
    provider = LoopbackProvider()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: LoopbackProvider, settings) -> LoopbackProvider:
    running.reset()
    settings.SINGLE_SIGN_ON = running.settings()
    return running
