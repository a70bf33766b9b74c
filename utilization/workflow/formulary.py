"""The committee's door: write a version of the criteria, propose it, and publish it with a second signature.

Whoever wrote or proposed a draft never signs it; the database refuses it too. Every step is an event that carries
digests and no texts.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from utilization import access, criteria, event_log
from utilization.digests import PUBLICATION, as_kept, salted, unsalted
from utilization.models import CriteriaDraft, DraftEdit, Publication, Site, User
from utilization.models.criteria_drafts import DRAFT, PROPOSED, PUBLISHED, WITHDRAWN
from utilization.rules.facts.date_words import day_words
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import pack_hash
from utilization.rules.roles import Permission, Role
from utilization.workflow.account_confirmation import account_at_signing
from utilization.workflow.criteria_upload import Upload, check_size, clean_path, clean_source, read_upload
from utilization.workflow.errors import Invalid, Overtaken, Refused
from utilization.workflow.pack_proof import ENDED, proof_of_draft
from utilization.workflow.presence import Presence, check_presence
from utilization.workflow.signing_rule import check_strong
from utilization.workflow.text_input import clean_text, sentence

MEANINGS: Mapping[str, str] = {
    PROPOSED: "Proposes this version of the criteria, having read its text and run its examples",
    PUBLISHED: "Publishes this version of the criteria as the second member, having read what it changes",
}
"""What a signature means, by the status that it leads to; kept beside it."""
SEEN_AS = {
    DRAFT: "being written",
    PROPOSED: "proposed and waits for a second signature",
    PUBLISHED: "published",
    WITHDRAWN: "discarded",
}
LONGEST_NAME = 120


# --- Writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_draft(
    *, by: User, at: datetime, site: Site, name: str, files: Mapping[str, str], base: Pack | None = None
) -> CriteriaDraft:
    """A new draft at `site` holding `files`, begun from the pack `base` where there is one.

    Raises Refused, Invalid on name or files.
    """
    _may_keep(by, site)
    title = clean_text("name", name, required="Give the draft a name.", most=LONGEST_NAME, one_line=True)
    texts = {clean_path(path, "files"): clean_source(text, path, "files") for path, text in files.items()}
    check_size(texts, "files")
    draft = CriteriaDraft.objects.create(
        site=site,
        name=title,
        files=texts,
        base=criteria.keep(base, at=at)[0] if base else None,
        author=by,
        created_at=at,
        updated_at=at,
        updated_by=by,
    )
    DraftEdit.objects.create(draft=draft, user=by, at=at)
    begun = {"base": draft.base.sha256, "shelf": draft.base.shelf_sha256} if draft.base else {"base": None}
    said = {**begun, "sha256": pack_hash(texts), "name": salted({"text": title})}
    _record("criteria.started", draft, by, at, said)
    return draft


@transaction.atomic
def save_file(
    uid: UUID | str, *, by: User, at: datetime, version: int, path: str, text: str, is_new: bool = False
) -> CriteriaDraft:
    """Put `text` into the draft at `path`, in place of what stands there unless it `is_new`. It need not read to be
    kept.

    Raises NotFound, Refused, Overtaken, Invalid on path or text.
    """
    draft = _take(uid, by, version, DRAFT)
    name, source = clean_path(path), clean_source(text, path)
    if is_new and name in draft.files:
        raise Invalid({"path": [f"The draft has a file {name} already. Open that one, or choose another name."]})
    return _write(draft, {**draft.files, name: source}, by, at, "criteria.saved", {"file": name})


@transaction.atomic
def upload(
    uid: UUID | str, *, by: User, at: datetime, version: int, name: str, content: bytes
) -> tuple[CriteriaDraft, Upload]:
    """Take an uploaded .yaml file into the draft, or a .zip in place of all its files; and what the upload held.

    Raises NotFound, Refused, Overtaken, Invalid on upload.
    """
    draft = _take(uid, by, version, DRAFT)
    sent = read_upload(name, content)
    files = dict(sent.files) if sent.whole else {**draft.files, **sent.files}
    data = {"whole": sent.whole, "files": sorted(sent.files)}
    return _write(draft, files, by, at, "criteria.uploaded", data), sent


@transaction.atomic
def delete_file(uid: UUID | str, *, by: User, at: datetime, version: int, path: str) -> CriteriaDraft:
    """Take a file out of the draft. Raises NotFound, Refused, Overtaken, Invalid on path."""
    draft = _take(uid, by, version, DRAFT)
    if path not in draft.files:
        raise Invalid({"path": ["The draft holds no such file."]})
    files = {name: text for name, text in draft.files.items() if name != path}
    return _write(draft, files, by, at, "criteria.deleted", {"file": path})


@transaction.atomic
def discard(uid: UUID | str, *, by: User, at: datetime, version: int) -> CriteriaDraft:
    """Give a draft up; it stays as a discarded row. Raises NotFound, Refused, Overtaken."""
    draft = _take(uid, by, version, DRAFT)
    moved = _carry(draft, at, status=WITHDRAWN)
    _record("criteria.discarded", moved, by, at, {})
    return moved


# --- Publishing ---------------------------------------------------------------------------------------------------


def propose(
    uid: UUID | str,
    *,
    by: User,
    at: datetime,
    version: int,
    presence: Presence,
    effective_from: date | None,
    reason: str,
) -> CriteriaDraft:
    """Sign a draft as ready, to be in force at its site from the day `effective_from` once a second member signs.

    Raises NotFound, Refused, Overtaken, Invalid on effective_from, reason, password, or files: a draft that does not
    read, whose checker finds problems or whose examples fail is not proposed.
    """
    _prove_ahead(uid, by, at)
    with transaction.atomic():
        return _propose(uid, by, at, version, presence, effective_from, reason)


def _propose(
    uid: UUID | str, by: User, at: datetime, version: int, presence: Presence, effective_from: date | None, reason: str
) -> CriteriaDraft:
    draft = _take(uid, by, version, DRAFT)
    if unsigned := access.why_not_sign(by):
        raise Refused(unsigned)
    why = clean_text("reason", reason, required="Write what this version changes, and why.")
    if effective_from is None:
        raise Invalid({"effective_from": ["Give the day from which it shall judge."]})
    _free_day(draft.site, effective_from, at)
    pack = _proved(draft, at, by)
    signed = {"effective_from": effective_from, "reason": unsalted({"text": why})}
    how = check_presence(presence, by, at, lambda: _signed_values(draft, by, PROPOSED, pack.sha256, signed))
    check_strong(how, draft.site, Role.FORMULARY)
    kept, _ = criteria.keep(pack, at=at)
    moved = _carry(
        draft, at, status=PROPOSED, pack=kept, effective_from=effective_from, reason=why,
        proposed_by=by, proposed_name=by.signature_name, proposed_at=at, returned_by=None, returned_at=None,
        returned_reason="",
    )  # fmt: skip
    said = {
        "pack": pack.sha256, "shelf": kept.shelf_sha256, "effective_from": effective_from,
        "reason": salted({"text": why}), "name": salted({"text": moved.proposed_name}),
        "signer": account_at_signing(by, at), "presence": how,
    }  # fmt: skip
    _record("criteria.proposed", moved, by, at, said)
    return moved


def sign(uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence) -> Publication:
    """Publish a proposed version as the second committee member. Nothing of it changes any more.

    Raises NotFound, Refused (to whoever proposed or wrote it, and where its day has passed), Overtaken, Invalid.
    """
    _prove_ahead(uid, by, at)
    with transaction.atomic():
        return _sign(uid, by, at, version, presence)


def _sign(uid: UUID | str, by: User, at: datetime, version: int, presence: Presence) -> Publication:
    draft = _take(uid, by, version, PROPOSED)
    if why := why_not_second(draft, by) or _why_not_two(draft, by, at):
        raise Refused(why)
    # One at a time at a site, so that two versions never draw one ordinal.
    site = Site.objects.select_for_update(no_key=True).get(pk=draft.site_id)
    held = "a proposal has all of these: the database holds it"
    assert draft.effective_from is not None, held
    assert draft.pack is not None, held
    assert draft.proposed_by is not None, held
    assert draft.proposed_at is not None, held
    try:
        _free_day(site, draft.effective_from, at)
        pack = _proved(draft, at, by)
    except Invalid as invalid:
        told = " ".join(text for texts in invalid.errors.values() for text in texts)
        raise Refused(f"{told} Send it back, so that it can be proposed anew.") from None
    why = unsalted({"text": draft.reason})
    signed = {"effective_from": draft.effective_from, "reason": why, "proposed_by": draft.proposed_by_id}
    kept = check_presence(presence, by, at, lambda: _signed_values(draft, by, PUBLISHED, pack.sha256, signed))
    check_strong(kept, site, Role.FORMULARY)
    moved = _carry(draft, at, status=PUBLISHED)
    last = Publication.objects.filter(site=site).aggregate(last=Max("ordinal"))["last"] or 0
    published = Publication.objects.create(
        site=site,
        ordinal=last + 1,
        draft=moved,
        pack=draft.pack,
        effective_from=draft.effective_from,
        reason=draft.reason,
        proposed_by=draft.proposed_by,
        proposed_name=draft.proposed_name,
        proposed_at=draft.proposed_at,
        proposed_meaning=MEANINGS[PROPOSED],
        signed_by=by,
        signed_name=by.signature_name,
        signed_at=at,
        signed_meaning=MEANINGS[PUBLISHED],
        time_zone=site.time_zone,
    )
    said = {
        "pack": pack.sha256, "shelf": draft.pack.shelf_sha256, "effective_from": published.effective_from,
        "publication": published.uid, "ordinal": published.ordinal, "proposed_by": published.proposed_by_id,
        "signer": account_at_signing(by, at), "presence": kept,
        "sha256": salted(as_kept(published, PUBLICATION)),
    }  # fmt: skip
    _record("criteria.published", moved, by, at, said)
    return published


@transaction.atomic
def send_back(uid: UUID | str, *, by: User, at: datetime, version: int, reason: str) -> CriteriaDraft:
    """Make a proposal a draft again, with a reason; whoever proposed it may take it back so too.

    Raises NotFound, Refused, Overtaken, Invalid on reason.
    """
    draft = _take(uid, by, version, PROPOSED)
    why = clean_text("reason", reason, required="Write what should change.")
    moved = _carry(
        draft, at, status=DRAFT, pack=None, effective_from=None, reason="", proposed_by=None, proposed_name="",
        proposed_at=None, returned_by=by, returned_at=at, returned_reason=why,
    )  # fmt: skip
    _record("criteria.sent_back", moved, by, at, {"reason": salted({"text": why})})
    return moved


def _signed_values(draft: CriteriaDraft, by: User, status: str, pack: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a signature under a version of criteria stands for, as a passkey signs it."""
    return {
        "format": "ivig-criteria/1", "site": draft.site.code, "draft": draft.uid, "version": draft.version,
        "pack": pack, "signed_by": by.pk, "signed_name": by.signature_name, "meaning": MEANINGS[status], **values,
    }  # fmt: skip


def why_not_second(draft: CriteriaDraft, person: User) -> str:
    """Why `person` may not be the second to sign `draft`, in words; empty when they may."""
    if draft.proposed_by_id == person.pk:
        return "You proposed this version, so another member of the committee must sign it."
    if draft.author_id == person.pk or draft.edits.filter(user=person).exists():
        return "You wrote parts of this version, so another member of the committee must sign it."
    return access.why_not_sign(person)


def _why_not_two(draft: CriteriaDraft, person: User, at: datetime) -> str:
    """Why `person` and whoever proposed `draft` do not count as two people now; empty when they do."""
    if draft.proposed_by is None:
        return ""
    if access.of_one_hand(draft.proposed_by, person, at):
        return (
            f"The accounts of {draft.proposed_by.signature_name} and you were made or reset by one administrator "
            "lately. An administrator or an auditor, other than who did it, must confirm both first."
        )
    if access.why_not_sign(draft.proposed_by):
        return (
            f"The account of {draft.proposed_by.signature_name}, who proposed this version, was made or reset and is "
            "not confirmed since. An administrator or an auditor, other than who did it, must confirm it first."
        )
    return ""


def who_may_sign(draft: CriteriaDraft) -> list[User]:
    """The members of the committee at the draft's site who may be the second to sign it, by name."""
    wrote = [draft.author_id, *draft.edits.values_list("user_id", flat=True)]
    if draft.proposed_by_id is not None:
        wrote.append(draft.proposed_by_id)
    members = User.objects.filter(
        memberships__site=draft.site, memberships__role=Role.FORMULARY, memberships__ended_at=None, is_active=True
    )
    others = list(members.exclude(pk__in=wrote).distinct().order_by("full_name", "pk"))
    standings = access.standings(others)
    return [other for other in others if standings[other.pk].confirmed]


# --- How every step happens ---------------------------------------------------------------------------------------


def _may_keep(by: User, site: Site) -> None:
    if not (answer := access.can(by, Permission.KEEP_CRITERIA, site=site)):
        raise Refused(answer.why)


def _take(uid: UUID | str, by: User, version: int, status: str) -> CriteriaDraft:
    """The draft as `by` saw it, where it stands in `status`."""
    draft = access.fetch_draft(by, uid)
    if draft.version != version:
        raise overtaken(draft)
    if draft.status != status:
        raise Refused(f"This draft is {SEEN_AS[draft.status]}, so this cannot be done to it.")
    return draft


def _carry(draft: CriteriaDraft, at: datetime, **changes: Any) -> CriteriaDraft:
    """Change the one row that was seen; the row as it is now. Raises Overtaken when somebody else was first."""
    rows = CriteriaDraft.objects.filter(pk=draft.pk, version=draft.version, status=draft.status)
    if rows.update(version=draft.version + 1, updated_at=at, **changes) != 1:
        raise overtaken(draft)
    return _reread(draft)


def _reread(draft: CriteriaDraft) -> CriteriaDraft:
    return CriteriaDraft.objects.select_related("site", "author", "updated_by", "proposed_by", "pack").get(pk=draft.pk)


def overtaken(draft: CriteriaDraft) -> Overtaken:
    """The Overtaken to raise when `draft` is no longer what the person saw."""
    now = _reread(draft)
    return Overtaken(
        f"{now.updated_by} changed this draft last; it is {SEEN_AS[now.status]} now. Nothing of yours was saved.", now
    )


def _write(
    draft: CriteriaDraft, files: Mapping[str, str], by: User, at: datetime, event: str, data: Mapping[str, Any]
) -> CriteriaDraft:
    check_size(files, "upload" if event == "criteria.uploaded" else "text")
    moved = _carry(draft, at, files=dict(files), updated_by=by)
    DraftEdit.objects.get_or_create(draft=moved, user=by, defaults={"at": at})
    _record(event, moved, by, at, {**data, "sha256": pack_hash(files)})
    return moved


def _free_day(site: Site, day: date, at: datetime) -> None:
    """Refuse a day that has passed at `site`, or on which another version takes effect. Raises Invalid."""
    today = site.date_at(at)
    if day < today:
        raise Invalid(
            {"effective_from": [f"{day_words(day)} has passed at {site.name}, where today is {day_words(today)}."]}
        )
    other = Publication.objects.filter(site=site, effective_from=day).select_related("pack").first()
    if other:
        raise Invalid(
            {"effective_from": [f"{other.pack} takes effect on {day_words(day)} already. Choose another day."]}
        )


def _prove_ahead(uid: UUID | str, by: User, at: datetime) -> None:
    """Have a draft proved before its transaction begins: it takes seconds, and every other write would wait for it."""
    draft = access.fetch_draft(by, uid)
    proof_of_draft(draft, at, by.pk)


def _proved(draft: CriteriaDraft, at: datetime, by: User) -> Pack:
    """The pack of a draft with which nothing is wrong. Raises Invalid on files."""
    read = proof_of_draft(draft, at, by.pk)
    if ended := [fault.message for fault in read.faults if fault.kind == ENDED]:
        raise Invalid({"files": ended})
    if read.pack is None or read.faults:
        count, first = len(read.faults), sentence(read.faults[0].message)
        told = f"1 problem stands in the way. {first}" if count == 1 else f"{count} problems stand in the way."
        raise Invalid({"files": [f"{told} Run the checks to see each at its line."]})
    return read.pack


def _record(kind: str, draft: CriteriaDraft, by: User, at: datetime, data: Mapping[str, Any]) -> None:
    said = {"draft": draft.uid, "version": draft.version, **data}
    event_log.append(type=kind, at=at, actor=by, site=draft.site, data=said)
