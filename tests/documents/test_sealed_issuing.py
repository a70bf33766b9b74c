"""A decided request under a sealed log: its document waits for the seal, proves itself, and is the same each time."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.cast import AT, a_request
from tests.documents.reading import attachments, squeezed_text
from tests.documents.sealed_site import Cosigned, hours
from tests.documents.signed_log import KEYS, LOG
from utilization import event_log, workflow
from utilization.documents import proof
from utilization.jobs import documents
from utilization.models import Checkpoint, Document, Event, LogNode
from utilization.reconciliation import reconcile
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status
from utilization.seal.entry_proof import LogUnproven, entry_proof
from utilization.transparency.checkpoints import TreeHead, cosignature, signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.transparency.log_proofs import LogProof
from utilization.verifier import verify_evidence as verifier

NOW = (AT + timedelta(days=90)).timestamp()


def get(client, user, uid):
    client.force_login(user)
    return client.get(reverse("justification", args=[uid]))


def examined(content):
    return verifier.examine(content, verifier.read_keys(KEYS), NOW)


@pytest.mark.long
def test_a_document_proves_itself_once_its_own_entry_is_sealed(approved, seal):
    kept = documents.issued(approved, at=hours(4))
    with pytest.raises(documents.AwaitsSeal):
        documents.content_of(kept)
    seal()
    content = documents.content_of(kept)
    verdict = examined(content)
    assert verdict.issued.index == kept.event_seq
    assert verdict.decision.said["type"] == "decision.approved"
    assert verdict.issued.body == bytes(Event.objects.get(seq=kept.event_seq).body)
    assert verdict.value["request"]["number"] == approved.number
    files = attachments(content)
    assert list(files) == ["decision.tlog-proof", "evidence.tlog-proof", "judgement.json", "justification.json"]
    assert files["decision.tlog-proof"].decode() == str(entry_proof(verdict.decision.index))
    assert files["evidence.tlog-proof"].decode() == str(entry_proof(kept.event_seq))
    said = json.loads(verdict.issued.body)["data"]
    assert (said["sha256"], said["bytes"], said["supersedes"]) == (kept.sha256, len(content), None)
    text = squeezed_text(content)
    checkpoint = Checkpoint.objects.earliest("size")
    root = verifier.base64.b64encode(checkpoint.root).decode()
    for printed in (f"Log:{LOG.public.name}", f"entry:{verdict.decision.index}", f"over:{checkpoint.size}", root):
        assert printed in text


@pytest.mark.long
def test_it_is_the_same_bytes_however_the_log_grows(approved, seal, cast):
    kept = documents.issued(approved, at=hours(4))
    seal()
    content = documents.content_of(kept)
    a_request(cast, patient=cast.a_patient(mrn="N-2002"))
    seal()
    assert documents.issued(approved, at=hours(9)) == kept
    assert documents.content_of(kept) == content


@pytest.mark.long
def test_while_the_decision_is_not_sealed_nothing_is_printed(cast, seal):
    a_request(cast, Status.PHARMACIST_REVIEW)
    seal()
    request = a_request(cast, Status.APPROVED, patient=cast.a_patient(mrn="N-2002"))
    with pytest.raises(documents.AwaitsSeal):
        documents.issued(request, at=hours(4))
    documents.issue_justification.enqueue(request.pk)
    assert not Document.objects.exists()
    seal()
    documents.issue_justification.enqueue(request.pk)
    assert Document.objects.get().has_proof


@pytest.mark.long
def test_the_job_tries_again_later_and_later_for_as_long_as_it_takes(cast, seal, settings):
    a_request(cast, Status.PHARMACIST_REVIEW)
    seal()
    request = a_request(cast, Status.APPROVED, patient=cast.a_patient(mrn="N-2002"))
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    waits, waited = [], {}
    for _ in range(3):
        documents.issue_justification.call(request.pk, **waited)
        (queued,) = DBTaskResult.objects.all()
        assert queued.args_kwargs["args"] == [request.pk]
        waited = queued.args_kwargs["kwargs"]
        waits.append(round((queued.run_after - queued.enqueued_at).total_seconds()))
        queued.delete()
    assert waits == [2, 4, 8]
    documents.issue_justification.call(request.pk, waited=3000)
    assert DBTaskResult.objects.get().args_kwargs["kwargs"] == {"waited": 3600}
    seal()
    documents.issue_justification.call(request.pk, waited=3600)
    assert (DBTaskResult.objects.count(), Document.objects.count()) == (1, 1)


@pytest.mark.long
def test_before_anything_was_sealed_a_document_says_that_it_proves_nothing(cast, seal):
    request = a_request(cast, Status.APPROVED)
    unsealed = documents.issued(request, at=hours(4))
    content = documents.content_of(unsealed)
    assert "Unsealed:thisdocumentcarriesnoproofyet." in squeezed_text(content)
    assert set(attachments(content)) == {"justification.json", "judgement.json"}
    with pytest.raises(verifier.NotGenuine, match="carries no proof"):
        examined(content)
    assert documents.issued(request, at=hours(5)) == unsealed
    seal()
    sealed = documents.issued(request, at=hours(6))
    assert sealed != unsealed
    seal()
    said = examined(documents.content_of(sealed)).issued.said["data"]
    assert said["supersedes"] == unsealed.sha256
    assert "Unsealed" not in squeezed_text(documents.content_of(sealed))


@pytest.mark.long
def test_a_withdrawal_gives_another_document_that_names_the_one_before(approved, seal, cast):
    first = documents.issued(approved, at=hours(4))
    request = workflow.withdraw(
        approved.uid, by=cast["petra"], at=hours(5), version=approved.version, reason="No longer needed."
    )
    with pytest.raises(documents.AwaitsSeal):
        documents.issued(request, at=hours(6))
    seal()
    second = documents.issued(request, at=hours(6))
    seal()
    verdict = examined(documents.content_of(second))
    assert verdict.issued.said["data"]["supersedes"] == first.sha256
    assert "Marked: Withdrawn." in verifier.words(verdict)
    assert examined(documents.content_of(first)).value["mark"] == ""


@pytest.mark.long
def test_of_two_workers_one_document_is_kept_and_the_log_hears_of_one(approved, monkeypatch):
    first = documents.issued(approved, at=hours(4))
    size = Event.objects.count()
    printed = workflow.Print(first.value_sha256, "0" * 64, b"another", 3)
    assert workflow.keep_document(approved, printed, at=hours(4)) == first
    assert Event.objects.count() == size
    assert not event_log.verify().problems


@pytest.mark.long
def test_the_check_of_rows_against_the_log_finds_nothing_in_an_issued_document(approved):
    before = set(reconcile().findings)
    documents.issued(approved, at=hours(4))
    assert set(reconcile().findings) == before


@pytest.mark.long
def test_a_log_that_was_changed_proves_nothing(approved, seal, monkeypatch):
    kept = documents.issued(approved, at=hours(4))
    seal()
    monkeypatch.setattr(LogNode.objects, "filter", lambda **which: LogNode.objects.none())
    with pytest.raises(LogUnproven, match="verify_log"):
        documents.content_of(kept)


def test_a_proof_that_does_not_fit_its_place_is_refused():
    blank = b"%PDF-1.7\n" + verifier.hole() + b"\nendobj"
    start = proof.place_of_proof(blank)
    assert proof.filled(blank, start, "c2sp").startswith(blank[: start + len(verifier.MARK)])
    for content, where, text in ((blank, start, "x" * verifier.HOLE_BYTES), (blank, start + 1, "x"), (b"", 0, "x")):
        with pytest.raises(proof.CannotProve):
            proof.filled(content, where, text)
    with pytest.raises(proof.CannotProve):
        proof.place_of_proof(blank + verifier.hole())


def test_the_place_has_room_for_a_large_log_and_two_signatures_of_the_next_kind():
    """A billion entries, names of 100 letters, an entry of 1,500 bytes, and a line by ML-DSA-44 of log and witness."""
    lines = 30 * 45 + 1500 * 4 // 3 + 400 + 2 * (100 + 100) + 2 * (100 + (2420 + 12) * 4 // 3 + 8)
    verifier.hole(b"x" * lines)


@pytest.mark.long
def test_a_checkpoint_of_many_signatures_still_gives_a_document_that_is_believed(approved, seal, monkeypatch):
    """Thirty more lines, of names as long as they may be: with them the proof would not fit its place."""
    strangers = [new_signing_key(f"{number:02}{'é' * 198}", SignatureType.WITNESS) for number in range(30)]
    alone = Cosigned.cosign

    def cosign(self, note, old, node):
        note = alone(self, note, old, node)
        return note.signed_also(*(cosignature(note.text, key, int(AT.timestamp())) for key in strangers))

    monkeypatch.setattr(Cosigned, "cosign", cosign)
    kept = documents.issued(approved, at=hours(4))
    seal()
    whole = entry_proof(kept.event_seq)
    with pytest.raises(proof.CannotProve):
        proof.filled(bytes(kept.content), proof.place_of_proof(bytes(kept.content)), str(whole))
    content = documents.content_of(kept)
    verdict = examined(content)
    assert verdict.issued.index == kept.event_seq
    assert 10 < len(verdict.unknown) < 30
    assert documents.content_of(kept) == content


def test_the_longest_proof_with_its_own_two_signatures_fits():
    """A tree as high as there can be, names as long as keys may have, the longest entry of a document."""
    names = ["\U0001f3e5" * 200, "\U0001f441" * 200]
    log, witness = (new_signing_key(name, kind) for name, kind in zip(names, SignatureType, strict=True))
    note = signed(TreeHead(log.public.name, 2**63 - 1, bytes(32)), log)
    note = note.signed_also(cosignature(note.text, witness, int(AT.timestamp())))
    sha, most = "f" * 64, 2**63 - 1
    data = {"value_sha256": sha, "sha256": sha, "bytes": 8_000_000, "hole": 8_000_000, "decision_entry": most,
            "supersedes": sha}  # fmt: skip
    entry = canonical({"v": 1, "seq": most, "salt": "f" * 32, "at": AT, "type": "document.issued", "actor": None,
                       "site": "s" * 30, "request": {"uid": uuid4(), "number": "N" * 60}, "data": data})  # fmt: skip
    longest = LogProof(most, (bytes(32),) * 63, note, entry)
    assert longest.within(proof.MOST_PROOF_BYTES) == longest
    verifier.hole(str(longest).encode())
    with pytest.raises(verifier.NotGenuine):
        verifier.hole(b"x" * (proof.MOST_PROOF_BYTES + 1))


# --- The page ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_page_hands_out_the_document_with_its_proof(approved, seal, cast, client):
    documents.issued(approved, at=hours(4))
    seal()
    answer = get(client, cast["fern"], approved.uid)
    assert answer.status_code == 200
    assert examined(answer.content).issued.index == Document.objects.get().event_seq


@pytest.mark.long
def test_the_page_says_that_a_document_waits_and_since_when(approved, cast, client):
    documents.issued(approved, at=hours(4))
    answer = get(client, cast["fern"], approved.uid)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    text = answer.content.decode()
    assert "The document waits for its seal" in text
    assert "The decision stands." in text
    assert get(client, cast["saul"], approved.uid).status_code == 404


@pytest.mark.long
def test_who_asks_while_it_is_being_sealed_waits_a_moment(approved, seal, cast, client, monkeypatch):
    from utilization.web import justification_pdf

    monkeypatch.setattr(justification_pdf, "_is_late", lambda at: False)
    monkeypatch.setattr(justification_pdf.time, "sleep", lambda seconds: seal())
    assert get(client, cast["fern"], approved.uid).status_code == 200
    monkeypatch.setattr(justification_pdf, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(documents, "entry_proof", lambda seq: None)
    assert "The document is being sealed" in get(client, cast["fern"], approved.uid).content.decode()


@pytest.mark.long
def test_the_page_hands_out_nothing_that_the_log_does_not_prove(approved, cast, client, monkeypatch):
    documents.issued(approved, at=hours(4))

    def unproven(seq):
        raise LogUnproven("Entry 3")

    monkeypatch.setattr(documents, "entry_proof", unproven)
    answer = get(client, cast["fern"], approved.uid)
    assert answer.status_code == 503
    assert "cannot be proven" in answer.content.decode()
