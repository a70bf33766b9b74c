import pytest
from django.test import Client

from utilization.models import User

PASSWORD = "a long enough password"


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("i.okafor", "i.okafor@hospital.example", PASSWORD, full_name="Ife Okafor")


@pytest.fixture
def broken(settings, client: Client) -> Client:
    """A client of a site that also has views which fail; it gets answers, never exceptions."""
    settings.ROOT_URLCONF = "tests.foundations.broken_urls"
    client.raise_request_exception = False
    return client
