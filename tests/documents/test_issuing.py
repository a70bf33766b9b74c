"""From rows to the kept document: frozen from what was filed and signed, issued once, handed out as it was."""

from datetime import timedelta

import pytest

from tests.cast import AT, IBM, PASSWORD, Cast, a_request, approved, recommended, submitted, a_draft
from tests.documents.reading import page_texts, squeezed, squeezed_text
from utilization import workflow
from utilization.documents import tasks
from utilization.documents.justification import canonical, render, sha256, value_hash
from utilization.models import Document, Note, Request
from utilization.reports.justifying import NothingFiled, frozen_value
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


def hours(n):
    return AT + timedelta(hours=n)


def test_x(cast):
    r = a_request(cast, Status.APPROVED)
    v = frozen_value(r)
    import json

    print(json.dumps({k: x for k, x in v.items() if k not in ("judgement",)}, indent=1, ensure_ascii=False))
    open("/tmp/docpart/real.pdf", "wb").write(render(v))
    assert 0
