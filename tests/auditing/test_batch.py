"""The justifications of an auditor's selection: laid out once by a job, counted on a page, handed out as one zip."""

import io
import zipfile

import pytest
from django.urls import reverse

from tests.cast import AT, IBM, a_request
from tests.documents.signed_log import KEYS
from utilization.documents import justification
from utilization.jobs import documents
from utilization.models import AccessEntry, Document
from utilization.reports import document_batch
from utilization.rules.lifecycle import Status
from utilization.seal.entry_proof import LogUnproven
from utilization.verifier import verify_evidence as verifier

BATCH, ZIP = reverse("audit-batch"), reverse("audit-zip")


@pytest.fixture
def two(cast):
    """Two decided requests at North beside an open one, and a decided one at South."""
    approved = a_request(cast, Status.APPROVED)
    denied = a_request(cast, Status.DENIED, answers=IBM, indication="ibm", patient=cast.a_patient(mrn="N-2002"))
    a_request(cast, Status.PHYSICIAN_REVIEW, patient=cast.a_patient(mrn="N-3003"))
    return approved, denied


@pytest.fixture
def laid_out(monkeypatch):
    """The numbers of the requests that were laid out; each file is a PDF of one page."""
    numbers = []

    def render(value, proof=None):
        numbers.append(value["request"]["number"])
        page = '<html lang="en"><title>A page</title><p>Set in no time.</p></html>'
        return justification.typeset(page, value, proof=proof)

    monkeypatch.setattr(justification, "render", render)
    return numbers


def text_of(client, address=BATCH):
    return " ".join(client.get(address).content.decode().split())


def files(client, query=""):
    answer = client.get(ZIP + query)
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_selection_is_laid_out_by_a_job_once_and_handed_out_as_one_zip(auditor, two, laid_out, cast):
    assert "0 of 2 ready" in text_of(auditor)
    assert not Document.objects.exists(), "looking lays nothing out"
    assert auditor.post(BATCH).status_code == 302
    assert sorted(laid_out) == sorted(request.number for request in two)
    assert "2 of 2 ready" in text_of(auditor)
    sent = files(auditor)
    assert set(sent) == {f"{request.number}.pdf" for request in two}
    assert sent == {f"{kept.request.number}.pdf": bytes(kept.content) for kept in Document.objects.all()}
    auditor.post(BATCH)
    files(auditor)
    assert len(laid_out) == 2, "never laid out twice"
    read = AccessEntry.objects.filter(what="justifications", actor_id=cast["audrey"].pk)
    assert read.count() == 4, "each time it is handed out is a read of each"


def test_under_a_seal_each_is_ready_once_it_proves_itself(auditor, two, laid_out, seal):
    seal()
    auditor.post(BATCH)
    assert len(laid_out) == 2
    text = text_of(auditor)
    assert "0 of 2 ready" in text
    assert "wait for their seal since" in text
    assert files(auditor) == {}
    seal()
    assert "2 of 2 ready" in text_of(auditor)
    for content in files(auditor).values():
        assert verifier.examine(content, verifier.read_keys(KEYS), AT.timestamp() + 400 * 86400)
    assert len(laid_out) == 2


def test_what_is_not_sealed_yet_is_tried_again_by_itself(two, laid_out, seal, monkeypatch):
    first, second = two
    seal()
    sealed_only = documents._decision_proof

    def proof(request):
        if request == second:
            raise documents.AwaitsSeal
        return sealed_only(request)

    monkeypatch.setattr(documents, "_decision_proof", proof)
    documents.issue_batch.enqueue([second.pk, first.pk])
    assert laid_out == [first.number], "one that waits keeps no other"


def test_the_filters_of_the_list_are_those_of_the_batch(auditor, two, laid_out):
    _, denied = two
    auditor.post(f"{BATCH}?decision=denied")
    assert laid_out == [denied.number]
    assert "1 of 1 ready" in text_of(auditor, f"{BATCH}?decision=denied")
    assert "1 of 2 ready" in text_of(auditor)
    assert set(files(auditor, "?decision=denied")) == {f"{denied.number}.pdf"}
    assert "No request in this selection is decided." in text_of(auditor, f"{BATCH}?decision=open")


def test_a_batch_takes_so_many_and_says_how_many_more_fit(auditor, two, laid_out, monkeypatch):
    monkeypatch.setattr(document_batch, "MOST", 1)
    assert "1 more fit" in text_of(auditor)
    auditor.post(BATCH)
    assert len(laid_out) == 1


def test_one_that_the_log_does_not_prove_is_left_out_by_name(auditor, two, laid_out, monkeypatch):
    auditor.post(BATCH)
    first = two[0]

    def content_of(kept):
        if kept.request_id == first.pk:
            raise LogUnproven("Entry 3")
        return b"%PDF-"

    monkeypatch.setattr("utilization.web.auditing.batches.content_of", content_of)
    sent = files(auditor)
    assert sent[f"{two[1].number}.pdf"] == b"%PDF-"
    assert b"cannot be proven" in sent[f"{first.number}-not-proven.txt"]


def test_one_decision_that_the_log_does_not_hold_keeps_no_other_waiting(cast, monkeypatch):
    requests, asked = [a_request(cast, Status.APPROVED) for _ in range(2)], []

    def issued(request, *, at):
        asked.append(request.pk)
        if request.pk == requests[0].pk:
            raise LogUnproven("The log holds no decision on it.")

    monkeypatch.setattr(documents, "issued", issued)
    documents.issue_batch.call([request.pk for request in requests])
    assert asked == [request.pk for request in requests]
