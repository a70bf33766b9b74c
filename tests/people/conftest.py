"""Two hospitals, and an administrator signed in at the northern one."""

import pytest
from django.test import Client

from tests.access.hospital import Hospital

PASSWORD = "correct-horse-battery-staple"


@pytest.fixture
def north(db):
    return Hospital("north")


@pytest.fixture
def south(db, north):
    return Hospital("south")


@pytest.fixture
def signed_in(client):
    """Sign somebody in with a password of their own, and return their browser."""

    def sign_in(user):
        user.set_password(PASSWORD)
        user.save()
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    return sign_in
