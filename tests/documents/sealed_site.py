"""A site whose log is sealed: a sealer with its witness, and a document that is ready to be handed out."""

from datetime import timedelta

import pytest

from tests.cast import AT, a_request
from tests.documents.signed_log import LOG, WITNESS
from utilization.rules.lifecycle import Status
from utilization.seal.key_folder import LastSigned
from utilization.seal.sealer import Sealer
from utilization.transparency.checkpoints import cosignature


def hours(count):
    return AT + timedelta(hours=count)


class Cosigned:
    """A witness that needs no network."""

    def cosign(self, note, old, node):
        return note.signed_also(cosignature(note.text, WITNESS, int(AT.timestamp())))


@pytest.fixture
def seal(tmp_path):
    """Seal all that was committed."""
    LastSigned(tmp_path, LOG.public.name).begin()

    def seal():
        sealer = Sealer(LOG, tmp_path, Cosigned())
        while sealer.seal(lambda: AT) is not None:
            pass

    return seal


@pytest.fixture
def approved(cast, seal):
    """An approved request whose decision is sealed."""
    request = a_request(cast, Status.APPROVED)
    seal()
    return request
