"""The page on which an auditor checks a document: the verifier's verdict, and what this server knows beyond it."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cast import AT, a_request
from tests.cast import approved as signed_approval
from tests.documents.sealed_site import hours
from tests.documents.signed_log import KEYS, LOG, issued_file
from utilization import workflow
from utilization.jobs import documents
from utilization.models import AccessEntry, Document
from utilization.reports import document_state
from utilization.rules.lifecycle import Status
from utilization.verifier import verify_evidence as verifier


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.EVIDENCE_KEYS = tmp_path / "keys.txt"
    settings.EVIDENCE_KEYS.write_text(KEYS)
    return settings.EVIDENCE_KEYS


@pytest.fixture
def document(approved, seal):
    """A document of North, and its bytes as they were handed out."""
    kept = documents.issued(approved, at=hours(4))
    seal()
    return kept, documents.content_of(kept)


def check(client, content, name="received.pdf"):
    sent = {} if content is None else {"document": SimpleUploadedFile(name, content, content_type="application/pdf")}
    answer = client.post(reverse("audit-document"), sent)
    return answer, " ".join(answer.content.decode().split())


@pytest.mark.long
def test_a_genuine_document_is_told_in_words_and_that_it_is_the_last(auditor, document, approved, cast):
    answer, text = check(auditor, document[1])
    assert answer.status_code == 200
    for told in (
        "<strong>Genuine:</strong>",
        "received.pdf",
        "Approved by Fern",
        "Nothing came after",
        approved.number,
    ):
        assert told in text, told
    read = AccessEntry.objects.get(what="document_check")
    assert (read.actor_id, read.request_id) == (cast["audrey"].pk, approved.pk)
    assert Document.objects.count() == 1, "nothing is kept of what was sent"


@pytest.mark.long
def test_what_came_later_is_told(auditor, document, approved, seal, cast):
    request = workflow.withdraw(
        approved.uid, by=cast["petra"], at=hours(5), version=approved.version, reason="No longer needed."
    )
    _, text = check(auditor, document[1])
    assert "It is not the last word." in text
    assert "is now: Withdrawn." in text
    seal()
    later = documents.issued(request, at=hours(6))
    _, text = check(auditor, document[1])
    assert f"entry {later.event_seq} of the log" in text
    seal()
    _, text = check(auditor, documents.content_of(later))
    assert "Nothing came after it" in text
    assert "Marked: Withdrawn." in text


@pytest.mark.long
def test_an_altered_one_is_refused_with_the_reason(auditor, document):
    _, text = check(auditor, document[1][:-1] + b"x")
    assert "<strong>Refused:</strong>" in text
    assert "It was altered since it was issued" in text
    assert not AccessEntry.objects.filter(what="document_check").exists()


@pytest.mark.long
def test_a_document_from_before_the_seal_is_known_here_alone(auditor, cast):
    request = a_request(cast, Status.APPROVED)
    unsealed = documents.issued(request, at=hours(4))
    _, text = check(auditor, bytes(unsealed.content))
    assert "It carries no proof" in text
    assert "This server issued exactly this file" in text
    _, text = check(auditor, bytes(unsealed.content) + b" ")
    assert "issued exactly" not in text


def test_a_document_laid_into_the_table_by_hand_is_not_said_to_be_issued(auditor, cast):
    request = a_request(cast, Status.APPROVED)
    content = b"%PDF-1.7 never issued here"
    Document.objects.create(
        request=request, value_sha256="0" * 64, sha256=hashlib.sha256(content).hexdigest(), content=content, made_at=AT
    )
    _, text = check(auditor, content)
    assert "It carries no proof" in text
    assert "issued exactly" not in text


@pytest.mark.long
def test_a_document_of_another_site_is_genuine_and_no_more(seal, cast, auditor):
    patient = cast.a_patient(by="sam", mrn="S-1")
    filed = a_request(cast, by="sam", patient=patient)
    southern = signed_approval(cast, filed, at=hours(2), by="sue")
    seal()
    kept = documents.issued(southern, at=hours(4))
    seal()
    _, text = check(auditor, documents.content_of(kept))
    assert "Its request is not at your site" in text
    assert not AccessEntry.objects.filter(what="document_check").exists()


@pytest.mark.long
def test_a_document_of_another_log_and_an_entry_that_is_gone_are_told_apart(auditor, document, monkeypatch):
    _, text = check(auditor, issued_file().with_proof())
    assert "This server’s log does not have the entry" in text, "the same key, another history"
    none = document_state.Checkpoint.objects.none()
    monkeypatch.setattr(document_state.Checkpoint.objects, "filter", lambda **wanted: none)
    _, text = check(auditor, document[1])
    assert "It is of another log than this server’s" in text


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\3\4", b"%PDF-" + verifier.MARK * 9, b"\xff" * 5000])
def test_what_is_no_document_is_refused(auditor, content):
    answer, text = check(auditor, content)
    assert answer.status_code == 200
    assert "Refused" in text


def test_of_a_file_that_is_too_large_no_more_is_held_than_shows_it(auditor):
    answer, text = check(auditor, b"%PDF-" + bytes(9_000_000))
    assert answer.status_code == 200
    assert "more than 8 MB" in text
    (sent,) = answer.wsgi_request.FILES.values()
    assert sent.size == verifier.MOST_BYTES + 1


def test_without_a_file_or_without_keys_it_says_what_to_do(auditor, keys):
    answer, text = check(auditor, None)
    assert answer.status_code == 422
    assert "Choose the PDF that is to be checked." in text
    for content in (None, "no key", LOG.public.line[:-2]):
        keys.unlink() if content is None else keys.write_text(content)
        answer, text = check(auditor, b"%PDF-")
        assert answer.status_code == 200
        assert "Documents cannot be checked here yet." in text
        assert 'type="file"' not in text


def test_a_name_that_would_act_is_shown_as_text(auditor):
    _, text = check(auditor, b"%PDF-1.7", name="<img src=x onerror=alert(1)>.pdf")
    assert "<img" not in text


def test_the_program_is_handed_out_as_it_is(auditor, seen_by):
    answer = auditor.get(reverse("audit-verifier"))
    compile(answer.content, "verify_evidence.py", "exec")
    assert answer["Content-Disposition"] == 'attachment; filename="verify_evidence.py"'
    assert b"import utilization" not in answer.content
    assert seen_by("fern").get(reverse("audit-verifier")).status_code == 403
