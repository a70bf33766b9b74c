"""A mail server on this machine, to which the product sends."""

import pytest

from tests.notices.smtp_server import MailServer


@pytest.fixture
def server(settings):
    server = MailServer()
    server.start()
    settings.MAIL_FROM = "IVIG review <ivig@hospital.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.3
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server
    server.stop()
