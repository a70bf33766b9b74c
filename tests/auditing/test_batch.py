"""The justifications of an auditor's selection: laid out once by a job, counted on a page, handed out as one zip."""

import csv
import hashlib
import io
import zipfile

import pytest
from django.urls import reverse

from tests.cast import AT, IBM, a_request
from tests.documents.signed_log import KEYS
from utilization.documents import justification
from utilization.jobs import documents
from utilization.models import AccessEntry, Document, UnmadeDocument
from utilization.reports import document_batch
from utilization.rules.lifecycle import Status
from utilization.seal.continuity import LogCut
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

    def render(value, proof=None, logo=b""):
        numbers.append(value["request"]["number"])
        page = '<html lang="en"><title>A page</title><p>Set in no time.</p></html>'
        return justification.typeset(page, value, proof=proof)

    monkeypatch.setattr(justification, "render", render)
    return numbers


def text_of(client, address=BATCH):
    return " ".join(client.get(address).content.decode().split())


def files(client, query=""):
    """The documents of the zip by name, without its index."""
    sent = unpacked(client, query)
    del sent["index.csv"]
    return sent


def index(client, query=""):
    """The rows of the zip's index by the number of the request."""
    lines = unpacked(client, query)["index.csv"].decode("utf-8-sig").splitlines()
    return {row["request"]: row for row in csv.DictReader(lines)}


def unpacked(client, query=""):
    answer = client.get(ZIP + query)
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.long
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


@pytest.mark.long
def test_under_a_seal_each_is_ready_once_it_proves_itself(auditor, two, laid_out, seal):
    seal()
    auditor.post(BATCH)
    assert len(laid_out) == 2
    text = text_of(auditor)
    assert "0 of 2 ready" in text
    assert "wait for their seal since" in text
    missing = index(auditor)
    assert {row["missing_because"] for row in missing.values()} == {"It waits for its seal."}
    assert {row["file"] for row in missing.values()} == {""}
    seal()
    assert "2 of 2 ready" in text_of(auditor)
    for content in files(auditor).values():
        assert verifier.examine(content, verifier.read_keys(KEYS), AT.timestamp() + 400 * 86400)
    assert len(laid_out) == 2


@pytest.mark.long
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


@pytest.mark.long
def test_the_filters_of_the_list_are_those_of_the_batch(auditor, two, laid_out):
    _, denied = two
    auditor.post(f"{BATCH}?decision=denied")
    assert laid_out == [denied.number]
    assert "1 of 1 ready" in text_of(auditor, f"{BATCH}?decision=denied")
    assert "1 of 2 ready" in text_of(auditor)
    assert set(files(auditor, "?decision=denied")) == {f"{denied.number}.pdf"}
    assert "No request in this selection is decided." in text_of(auditor, f"{BATCH}?decision=open")


@pytest.mark.long
@pytest.mark.parametrize("mistyped", ["since=2026-13-45", "reviewer=nobody", "mark=much", "decision=maybe"])
def test_a_mistyped_filter_widens_no_batch_and_no_zip(auditor, two, laid_out, mistyped):
    query = f"decision=denied&{mistyped}" if "decision" not in mistyped else mistyped
    assert not Document.objects.exists()
    for answer in (auditor.post(f"{BATCH}?{query}"), auditor.get(f"{BATCH}?{query}"), auditor.get(f"{ZIP}?{query}")):
        assert (answer.status_code, answer.url) == (302, f"/audit/?{query}")
    assert laid_out == []
    assert not AccessEntry.objects.filter(what="justifications").exists()
    assert auditor.get(f"/audit/?{query}").context["filters"].errors, "the list says what is wrong"


@pytest.mark.long
def test_a_batch_takes_so_many_and_says_how_many_more_fit(auditor, two, laid_out, monkeypatch):
    monkeypatch.setattr(document_batch, "MOST", 1)
    assert "1 more fit" in text_of(auditor)
    auditor.post(BATCH)
    assert len(laid_out) == 1


@pytest.mark.long
def test_the_index_names_each_file_with_its_hash(auditor, two, laid_out):
    auditor.post(BATCH)
    sent, listed = files(auditor), index(auditor)
    assert {row["file"]: row["sha256"] for row in listed.values()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in sent.items()
    }
    assert {row["missing_because"] for row in listed.values()} == {""}


@pytest.mark.long
def test_the_zip_lays_nothing_out(auditor, two, laid_out):
    listed = index(auditor)
    assert (laid_out, set(listed)) == ([], {request.number for request in two})
    assert {row["missing_because"] for row in listed.values()} == {"It is not laid out yet. Prepare the batch first."}


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (LogUnproven("Entry 3 is gone."), "Entry 3 is gone."),
        (LogCut("The log was cut."), "The log was cut."),
        (KeyError("Ambrose"), "by a fault of the program (KeyError)"),
    ],
)
def test_one_that_fails_while_it_is_sent_is_left_out_by_name_and_the_rest_is_whole(
    auditor, two, laid_out, monkeypatch, fault, said
):
    auditor.post(BATCH)
    first, second = two

    def content_of(document):
        if document.request_id == first.pk:
            raise fault
        return b"%PDF-"

    monkeypatch.setattr("utilization.jobs.document_archive.content_of", content_of)
    assert files(auditor) == {f"{second.number}.pdf": b"%PDF-"}
    row = index(auditor)[first.number]
    assert (row["file"], row["sha256"]) == ("", "")
    assert said in row["missing_because"]
    assert "Ambrose" not in row["missing_because"]


@pytest.mark.long
def test_one_that_cannot_be_set_stops_no_batch_and_why_is_told(auditor, two, laid_out, monkeypatch):
    first, second = two
    render = justification.render

    def broken(value, proof=None, logo=b""):
        if value["request"]["number"] == first.number:
            raise justification.CannotRender("It asks for a file that is not shipped.")
        return render(value, proof, logo)

    monkeypatch.setattr(justification, "render", broken)
    auditor.post(BATCH)
    why = "It could not be set as a page. It asks for a file that is not shipped."
    assert f"{first.number}: {why}" in text_of(auditor)
    assert set(files(auditor)) == {f"{second.number}.pdf"}
    assert index(auditor)[first.number]["missing_because"] == why
    page = auditor.get(reverse("justification", args=[first.uid]))
    assert page.status_code == 409
    assert "This document could not be made" in page.content.decode()

    monkeypatch.setattr(justification, "render", render)
    auditor.post(BATCH)
    assert not UnmadeDocument.objects.exists(), "why is forgotten once it is made"
    assert "Could not be made" not in text_of(auditor)
    assert set(files(auditor)) == {f"{request.number}.pdf" for request in two}


def test_one_decision_that_the_log_does_not_hold_keeps_no_other_waiting(cast, monkeypatch):
    requests, asked = [a_request(cast, Status.APPROVED) for _ in range(2)], []

    def issued(request, *, at):
        asked.append(request.pk)
        if request.pk == requests[0].pk:
            raise LogUnproven("The log holds no decision on it.")

    monkeypatch.setattr(documents, "issued", issued)
    documents.issue_batch.call([request.pk for request in requests])
    assert asked == [request.pk for request in requests]
    assert UnmadeDocument.objects.get().why == "The log holds no decision on it."
