"""Files attached to a request by its prescribers: in a draft, and with an answer; removed from a draft alone."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction

from utilization import access, event_log, notify
from utilization.access import Answer
from utilization.digests import salted
from utilization.limited_process.run import BUSY, Ended, run
from utilization.models import Attachment, AttachmentContent, Request, User
from utilization.models.attachments import JPEG, PDF, PNG
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission
from utilization.workflow.authorship import note_authors
from utilization.workflow.errors import Conflict, Invalid, Refused

MOST_ATTACHMENT_BYTES = 10_000_000
"""Of one file. A scanned report of ten pages has about 3 million."""
MOST_ATTACHMENTS = 20
LONGEST_FILE_NAME = 120

_ENDINGS: Mapping[str, tuple[str, ...]] = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg", ".jfif")}
_MEDIA: Mapping[str, tuple[str, ...]] = {
    PDF: ("application/pdf", "application/x-pdf"), PNG: ("image/png",), JPEG: ("image/jpeg", "image/jpg")
}  # fmt: skip
_SAYS_NOTHING = ("", "application/octet-stream")
# Controls, marks that turn the direction of text, halves of characters, private ones, separators of lines.
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that is what it says, and may be attached."""

    name: str
    kind: str
    content: bytes
    sha256: str


def check_file(name: str, content: bytes, media_type: str, *, who: User) -> CheckedFile:
    """The file as it may be attached, after a look into its whole structure; called before the transaction of `attach`.

    Raises Invalid on file: empty, too large, no PDF, PNG or JPEG, damaged, another kind than its name or its sender
    says, or more than one kind at once.
    """
    if not content:
        raise _refused("The file is empty. Choose another.")
    if len(content) > MOST_ATTACHMENT_BYTES:
        most = MOST_ATTACHMENT_BYTES // 1_000_000
        raise _refused(f"The file has more than {most} MB. Scan it at 150 to 300 dots an inch, or attach it in parts.")
    kind = _kind_of(content, who)
    shown = clean_file_name(name)
    ending = PurePosixPath(shown.lower()).suffix
    if ending not in _ENDINGS[kind]:
        raise _refused(f"The file is a {kind.upper()}, and its name ends in “{ending}”. Name it “{_ENDINGS[kind][0]}”.")
    said = media_type.partition(";")[0].strip().lower()
    if said not in (*_MEDIA[kind], *_SAYS_NOTHING):
        raise _refused(f"The file is a {kind.upper()}, and was sent as “{said[:40]}”. Save it anew, and attach that.")
    return CheckedFile(shown, kind, content, hashlib.sha256(content).hexdigest())


def _refused(told: str) -> Invalid:
    return Invalid({"file": [told]})


def _kind_of(content: bytes, who: User) -> str:
    try:
        told = run("attachment", {"content": base64.b64encode(content).decode()}, f"{who.pk}-file")
    except Ended as ended:
        if ended.why == BUSY:
            raise _refused(
                "Another file of yours is still being checked. Wait a few seconds, and send it again."
            ) from None
        raise _refused(
            "Looking into the file took too much. Print or scan it to a simpler file, and attach that."
        ) from None
    if "why" in told:
        raise _refused(told["why"])
    return str(told["kind"])


def clean_file_name(raw: str) -> str:
    """The last part of `raw` as it can be shown anywhere: one line, no hidden characters, its ending kept when cut."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", raw))[-1]
    shown = " ".join("".join(sign for sign in last if unicodedata.category(sign) not in _HIDDEN).split()) or "file"
    if len(shown) <= LONGEST_FILE_NAME:
        return shown
    ending = PurePosixPath(shown).suffix[:10]
    return f"{shown[: LONGEST_FILE_NAME - len(ending) - 1]}…{ending}"


def may_attach(actor: User, request: Request) -> Answer:
    """Whether `actor` may add files to `request` now."""
    permitted = access.can(actor, Permission.FILE, request)
    if not permitted:
        return permitted
    if request.status == Status.DRAFT:
        return access.YES
    if request.status == Status.INFORMATION_ASKED:
        return access.free_to_answer(actor, request)
    return Answer(False, "Files are added to a draft, or with an answer while information is asked for.")


@transaction.atomic
def attach(uid: UUID | str, *, by: User, at: datetime, file: CheckedFile) -> Attachment:
    """Add `file` to a request. Whoever adds one to a filed request wrote a part of it, and never decides on it.

    Raises NotFound, Refused, Invalid on file (too many, or this one is there).
    """
    request = access.fetch_request(by, uid, what="attach", at=at, lock=True)
    if not (answer := may_attach(by, request)):
        raise Refused(answer.why)
    there = list(request.attachments.filter(removed_at=None).values_list("sha256", "name"))
    if file.sha256 in dict(there):
        raise _refused(f"This file is attached already, as “{dict(there)[file.sha256]}”.")
    if len(there) >= MOST_ATTACHMENTS:
        raise _refused(f"A request takes at most {MOST_ATTACHMENTS} files. Put several into one PDF.")
    attachment = Attachment.objects.create(
        request=request, at=at, by=by, name=file.name, kind=file.kind, size=len(file.content), sha256=file.sha256
    )
    AttachmentContent.objects.create(attachment=attachment, content=file.content)
    if request.status != Status.DRAFT:
        note_authors(request, {by.pk}, at)
    _record(
        "attachment.added", attachment, by, at,
        name=salted({"name": file.name}), kind=file.kind, size=len(file.content), sha256=file.sha256,
        filed=request.status != Status.DRAFT,
    )  # fmt: skip
    return attachment


@transaction.atomic
def remove_attachment(uid: UUID | str, *, by: User, at: datetime) -> Request:
    """Take a file away from a draft: its bytes go, and that it was there stays. Its request.

    Raises NotFound, Refused, Conflict where the request is filed.
    """
    attachment = access.fetch_attachment(by, uid, what="unattach", at=at, lock=True)
    request = attachment.request
    if not (permitted := access.can(by, Permission.FILE, request)):
        raise Refused(permitted.why)
    if request.status != Status.DRAFT:
        raise Conflict("This request is filed, and what was filed with it stays.", request)
    # Sent twice at once, it is removed and told once: the second waited for the request, not for the file.
    if not Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=at, removed_by=by):
        return request
    AttachmentContent.objects.filter(attachment=attachment).delete()
    _record("attachment.removed", attachment, by, at)
    return request


def _record(type: str, attachment: Attachment, by: User, at: datetime, **said: object) -> None:  # noqa: A002 - the log's word
    event_log.append(
        type=type, at=at, actor=by, request=attachment.request, data={"attachment": attachment.pk, **said}
    )  # fmt: skip
    notify.moved(type, attachment.request_id)
