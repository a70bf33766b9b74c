"""One world for the whole matrix."""

import pytest
from django.db import transaction

from tests.matrix.world import World
from utilization.documents import justification


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Built once, within one transaction that is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        # Who may have the document is asked here; what stands in it has tests of its own, and takes half a second.
        patch.setattr(justification, "render", lambda value, proof=None, logo=b"": b"%PDF-1.7")
        yield World()
        transaction.set_rollback(True)
