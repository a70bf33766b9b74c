"""An identity provider for these tests."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.single_sign_on.loopback_provider import LoopbackProvider
from utilization.oidc_client import PublishedMetadata
from utilization.web.account import sign_on


@pytest.fixture(scope="package")
def running() -> Iterator[LoopbackProvider]:
    provider = LoopbackProvider()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def unknown(monkeypatch):
    """Forget what a provider has published."""

    def forget() -> None:
        monkeypatch.setattr(sign_on, "PUBLISHED", PublishedMetadata())

    return forget


@pytest.fixture
def provider(running: LoopbackProvider, settings, unknown) -> LoopbackProvider:
    running.reset()
    unknown()
    # How often an address asked is counted there.
    cache.clear()
    settings.SINGLE_SIGN_ON = running.settings()
    return running
