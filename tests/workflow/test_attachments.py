"""Files attached to a request: what is taken, what is kept, who may read it, and what the log says."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import files
from tests.cast import AT, a_draft, a_request
from tests.workflow.acts import act
from utilization import access, workflow
from utilization.limited_process.attachment import Unfit, kind_of
from utilization.models import AccessEntry, Attachment, AttachmentContent, Event
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.lifecycle import Status
from utilization.workflow.attachments import clean_file_name


def attach(cast, request, by="petra", **file):
    return workflow.attach(request.uid, by=cast[by], at=AT, file=files.a_checked_file(**file))


@pytest.mark.parametrize(
    ("content", "kind"),
    [(files.a_pdf(), "pdf"), (files.a_picture("PNG"), "png"), (files.a_picture("JPEG", (64, 48)), "jpeg")],
)
def test_a_file_is_what_its_structure_says(content, kind):
    assert kind_of(content) == kind


UNFIT = {
    "nothing of these": b"MZ\x90\x00 a program",
    "a page of the web": b"<!doctype html><script>alert(1)</script>",
    "only the first bytes of a PDF": b"%PDF-1.7\n" + b"x" * 99,
    "a PDF cut off": files.a_pdf()[:-40],
    "a PDF with a program after it": files.a_pdf() + b"MZ" + b"\x90" * 99,
    "a PDF that is a ZIP besides": files.a_pdf() + files.a_zip(),
    "a PDF that is a ZIP besides, within": files.a_pdf() + files.a_zip() + b"startxref\n0\n%%EOF\n",
    "a PDF that runs a program": files.a_pdf_with(files.runs_a_program),
    "a PDF that launches one, packed": files.a_pdf_with(
        files.launches, object_stream_mode=files.pikepdf.ObjectStreamMode.generate
    ),
    "a PDF that launches one by reference": files.a_pdf_with(files.launches_by_reference),
    "a PDF whose form may hold scripts": files.a_pdf_with(files.has_a_form_with_scripts),
    "a PDF that carries a file": files.a_pdf_with(files.carries_a_file),
    "a PDF with a password": files.a_pdf_with(
        lambda pdf: None, encryption=files.pikepdf.Encryption(owner="a", user="b")
    ),
    "only the first bytes of a PNG": b"\x89PNG\r\n\x1a\n" + b"x" * 99,
    "a PNG cut off": files.a_picture()[:-20],
    "a PNG with something after it": files.a_picture() + b"<html>",
    "a PNG of more pixels than memory": files.a_vast_png(),
    "a PNG that begins as a page": files.a_png_of_chunks((b"tEXt", b"x\0<script>"), (b"IEND", b"")),
    "a JPEG cut off": files.a_picture("JPEG", (64, 48))[:-2],
    "a JPEG with a PDF after it": files.a_picture("JPEG") + files.a_pdf(),
    "a JPEG without a picture": b"\xff\xd8\xff\xd9",
}


@pytest.mark.parametrize("content", UNFIT.values(), ids=UNFIT)
def test_a_file_that_is_something_else_or_two_things_is_refused(content):
    with pytest.raises(Unfit):
        kind_of(content)


def test_a_name_is_shown_on_one_line_without_hidden_signs_and_with_its_ending():
    assert clean_file_name("C:\\scans\\EMG\u202efdp.exe\n.pdf") == "EMGfdp.exe.pdf"
    assert clean_file_name("\u200f\x00") == "file"
    long = clean_file_name("x" * 400 + ".pdf")
    assert (len(long), long[-4:]) == (120, ".pdf")


def test_a_file_in_a_draft_is_kept_logged_printed_and_read_by_who_may_read_the_request(cast):
    draft = a_draft(cast)
    file = attach(cast, draft)
    content = bytes(AttachmentContent.objects.get().content)
    assert (file.kind, file.size, file.sha256) == ("pdf", len(content), hashlib.sha256(content).hexdigest())
    said = bytes(Event.objects.get(type="attachment.added").body)
    assert file.sha256.encode() in said
    assert b"Conduction" not in said

    for who in ("petra", "felix", "rosa"):
        seen = who == "petra"
        assert _may_fetch(cast[who], file) == seen, who
    filed = act("submit", draft, cast["petra"], AT)
    assert [_may_fetch(cast[who], file) for who in ("petra", "paul", "felix", "max", "rosa")] == [
        True, True, True, True, False
    ]  # fmt: skip
    assert AccessEntry.objects.filter(what="attachment", request_id=filed.pk).count() == 5
    assert [
        (entry["name"], entry["kind"], entry["size"], entry["sha256"]) for entry in frozen_value(filed)["attachments"]
    ] == [("Conduction study.pdf", "PDF", file.size, file.sha256)]
    with pytest.raises(workflow.Conflict):
        workflow.remove_attachment(file.uid, by=cast["petra"], at=AT)
    with pytest.raises(IntegrityError, match="attachment_goes_from_a_draft_alone"), transaction.atomic():
        Attachment.objects.update(removed_at=AT, removed_by=cast["petra"])
    with pytest.raises(IntegrityError, match="content_goes_with_its_attachment"), transaction.atomic():
        AttachmentContent.objects.all().delete()


def _may_fetch(person, file):
    try:
        return bool(access.fetch_attachment(person, file.uid, what="attachment", at=AT))
    except access.NotFound:
        return False


def test_from_a_draft_it_can_be_removed_and_its_bytes_go(cast):
    draft = a_draft(cast)
    file = attach(cast, draft)
    content = bytes(AttachmentContent.objects.get().content)
    with pytest.raises(workflow.Invalid, match="already"):
        attach(cast, draft, name="Again.pdf", content=content)
    workflow.remove_attachment(file.uid, by=cast["petra"], at=AT)
    assert not AttachmentContent.objects.exists()
    assert not _may_fetch(cast["petra"], file)
    assert attach(cast, draft)


def test_with_an_answer_a_file_makes_its_sender_an_author_and_elsewhere_there_is_no_place_for_one(cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    attach(cast, asked, by="paul")
    assert not access.independent(cast["paul"], asked)
    for status in (Status.PHARMACIST_REVIEW, Status.APPROVED, Status.DISCARDED):
        with pytest.raises((workflow.Refused, access.NotFound)):
            attach(cast, a_request(cast, status), by="petra")
    with pytest.raises((workflow.Refused, access.NotFound)):
        attach(cast, asked, by="fern")


def test_a_request_takes_a_number_of_files_and_no_more(cast, monkeypatch):
    monkeypatch.setattr("utilization.workflow.attachments.MOST_ATTACHMENTS", 2)
    draft = a_draft(cast)
    for note in (b"a", b"b"):
        attach(cast, draft, content=files.a_pdf(note=note))
    with pytest.raises(workflow.Invalid, match="at most 2"):
        attach(cast, draft, content=files.a_pdf(note=b"c"))


# --- The pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def petra(cast, client):
    client.force_login(cast["petra"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _send(client, draft, name, content, media="application/pdf"):
    file = SimpleUploadedFile(name, content, content_type=media)
    return client.post(reverse("request-attach", args=[draft.uid]), {"file": file})


def test_it_is_sent_listed_and_only_ever_saved(cast, petra):
    draft, content = a_draft(cast), files.a_pdf()
    assert _send(petra, draft, "EMG \u202egnp.pdf", content).status_code == 302
    page = petra.get(reverse("request-edit", args=[draft.uid])).content.decode()
    assert "EMG gnp.pdf" in page
    saved = petra.get(reverse("attachment", args=[Attachment.objects.get().uid]))
    assert saved.content == content
    assert saved["Content-Disposition"].startswith("attachment; filename=")
    assert "EMG" not in saved["Content-Disposition"]
    assert saved["X-Content-Type-Options"] == "nosniff"
    assert saved["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "content", "media", "says"),
    [
        ("study.png", files.a_pdf(), "image/png", "is a PDF, and its name ends in"),
        ("study.pdf", files.a_pdf(), "text/html", "was sent as"),
        ("study.pdf", b"MZ", "application/pdf", "no PDF, PNG or JPEG"),
        ("study.pdf", b"", "application/pdf", "empty"),
        ("study.pdf", b"%PDF-" + b"x" * 10_000_001, "application/pdf", "more than 10 MB"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_beside_the_form(cast, petra, name, content, media, says):
    answer = _send(petra, a_draft(cast), name, content, media)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Attachment.objects.exists()


def test_ten_gigabytes_announced_are_refused_before_a_byte_is_read(cast, petra):
    class Unread:
        def read(self, *size):
            raise AssertionError("a byte was read")

        readline = read

    answer = petra.generic(
        "POST", reverse("request-attach", args=[a_draft(cast).uid]), b"x",
        content_type="multipart/form-data; boundary=x", **{"CONTENT_LENGTH": "10000000000", "wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "10 MB" in answer.content.decode()
