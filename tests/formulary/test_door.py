"""The committee's door: who may do what to a draft, what keeps it from taking effect, and what each step leaves."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.cast import AT, PASSWORD, present
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal, a_publication, pack_text
from tests.salted import hmac_of
from utilization import criteria, event_log
from utilization.access import NotFound
from utilization.limited_process.run import TIME, Ended
from utilization.models import CriteriaDraft, Event, PackVersion, Publication
from utilization.models.criteria_drafts import DRAFT, PROPOSED, PUBLISHED, WITHDRAWN
from utilization.rules.packs.reader import pack_hash
from utilization.workflow import formulary, pack_proof
from utilization.workflow.errors import Invalid, Overtaken, Refused

LATER = AT + timedelta(hours=1)
SOON = TODAY + timedelta(days=10)


def refused_on(field):
    return pytest.raises(Invalid, match=f"^{field}: ")


def events():
    return [(event.type, event_log._read(event).data) for event in Event.objects.filter(type__startswith="criteria.")]


def save(draft, by, cast, **changes):
    given = {"version": draft.version, "path": "pack.yaml", "text": "pack: {}\n", **changes}
    return formulary.save_file(draft.uid, by=cast[by], at=LATER, **given)


def propose(draft, cast, by="forrest", **changes):
    given = {
        "version": draft.version,
        "presence": present(cast[by], LATER),
        "effective_from": SOON,
        "reason": "Because.",
    }
    return formulary.propose(draft.uid, by=cast[by], at=LATER, **{**given, **changes})


def sign(draft, cast, by="frida", **changes):
    at = changes.get("at", LATER)
    given = {"version": draft.version, "at": at, "presence": present(cast[by], at), **changes}
    return formulary.sign(draft.uid, by=cast[by], **given)


# --- Writing ------------------------------------------------------------------------------------------------------


def test_a_draft_begins_with_the_files_given_and_remembers_its_base(cast):
    builtin = criteria.builtin_pack()
    draft = formulary.start_draft(
        by=cast["forrest"], at=AT, site=cast.north, name="  From the built-in ", files=builtin.files, base=builtin
    )
    assert (draft.name, draft.status, draft.version, draft.author) == ("From the built-in", DRAFT, 0, cast["forrest"])
    assert draft.files == dict(builtin.files)
    assert draft.base.sha256 == builtin.sha256
    assert [edit.user for edit in draft.edits.all()] == [cast["forrest"]]
    [(kind, data)] = events()
    name = data.pop("name")
    assert name["hmac"] == hmac_of(name, {"text": "From the built-in"})
    assert (kind, data) == ("criteria.started", {
        "draft": str(draft.uid), "version": 0, "base": builtin.sha256, "shelf": criteria.reference_tables().sha256,
        "sha256": builtin.sha256,
    })  # fmt: skip


@pytest.mark.parametrize("who", ["petra", "fern", "audrey", "adam", "silke"])
def test_nobody_else_begins_a_draft_at_north(cast, who):
    with pytest.raises(Refused, match="keep the criteria"):
        formulary.start_draft(by=cast[who], at=AT, site=cast.north, name="Mine", files={})
    assert not CriteriaDraft.objects.exists()


@pytest.mark.parametrize(("field", "given"), [
    ("name", {"name": " "}),
    ("name", {"name": "x" * 121}),
    ("files", {"files": {"../evil.yaml": ""}}),
    ("files", {"files": {"pack.yaml": "a\0b"}}),
])  # fmt: skip
def test_a_draft_that_cannot_be_kept_is_not_begun(cast, field, given):
    with refused_on(field):
        formulary.start_draft(
            **{"by": cast["forrest"], "at": AT, "site": cast.north, "name": "A", "files": {}, **given}
        )


def test_what_is_typed_is_kept_though_it_does_not_read(cast):
    draft = a_criteria_draft(cast)
    saved = save(draft, "forrest", cast, path="clauses/mmn.yaml", text="- [unfinished\r\n")
    assert saved.files == {**draft.files, "clauses/mmn.yaml": "- [unfinished\n"}
    assert (saved.version, saved.updated_at, saved.updated_by) == (1, LATER, cast["forrest"])


def test_an_event_of_a_change_carries_a_digest_and_no_text(cast):
    saved = save(a_criteria_draft(cast), "forrest", cast, text="pack: {name: secret-words}\n")
    kind, data = events()[-1]
    assert (kind, data["file"], data["sha256"]) == ("criteria.saved", "pack.yaml", pack_hash(saved.files))
    assert "secret-words" not in str(events())


def test_whoever_saves_becomes_one_of_its_writers_once(cast):
    draft = a_criteria_draft(cast)
    for text in ("a: 1\n", "a: 2\n"):
        draft = save(draft, "fiona", cast, text=text)
    assert [edit.user.username for edit in draft.edits.all()] == ["forrest", "fiona"]


@pytest.mark.parametrize("act", [
    lambda draft, by: formulary.save_file(draft.uid, by=by, at=AT, version=0, path="a.yaml", text=""),
    lambda draft, by: formulary.upload(draft.uid, by=by, at=AT, version=0, name="a.yaml", content=b"a: 1"),
    lambda draft, by: formulary.delete_file(draft.uid, by=by, at=AT, version=0, path="pack.yaml"),
    lambda draft, by: formulary.discard(draft.uid, by=by, at=AT, version=0),
    lambda draft, by: formulary.propose(
        draft.uid, by=by, at=AT, version=0, presence=present(by), effective_from=TODAY, reason="x"),
    lambda draft, by: formulary.sign(draft.uid, by=by, at=AT, version=0, presence=present(by)),
    lambda draft, by: formulary.send_back(draft.uid, by=by, at=AT, version=0, reason="x"),
])  # fmt: skip
def test_another_site_s_draft_is_not_there_and_nothing_is_done_to_it(cast, act):
    draft = a_criteria_draft(cast)
    before = CriteriaDraft.objects.values().get()
    for who in ("silke", "petra", "fern", "audrey", "adam"):
        with pytest.raises(NotFound):
            act(draft, cast[who])
    assert CriteriaDraft.objects.values().get() == before
    assert len(events()) == 1


def test_an_uploaded_file_is_laid_beside_the_others_and_a_zip_in_their_place(cast):
    draft = a_criteria_draft(cast)
    draft, held = formulary.upload(
        draft.uid, by=cast["forrest"], at=AT, version=0, name="more.yaml", content=b"defaults: []\n"
    )
    assert not held.whole
    assert set(draft.files) == {*pack_text(), "more.yaml"}
    packed = _zip({"policy/pack.yaml": "pack: {}\n", "policy/README.md": "no criteria"})
    draft, held = formulary.upload(draft.uid, by=cast["forrest"], at=AT, version=1, name="p.zip", content=packed)
    assert draft.files == {"pack.yaml": "pack: {}\n"}
    assert held.left_out == ("policy/README.md",)
    assert events()[-1][1]["files"] == ["pack.yaml"]


def _zip(files):
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def test_an_upload_that_would_make_too_many_files_changes_nothing(cast, monkeypatch):
    monkeypatch.setattr("utilization.workflow.criteria_upload.MOST_FILES", 3)
    draft = a_criteria_draft(cast)
    with refused_on("upload"):
        formulary.upload(draft.uid, by=cast["forrest"], at=AT, version=0, name="more.yaml", content=b"a: 1")
    with refused_on("text"):
        save(draft, "forrest", cast, path="more.yaml")
    assert CriteriaDraft.objects.get().files == draft.files


def test_a_file_is_deleted_only_where_there_is_one(cast):
    draft = a_criteria_draft(cast)
    kept = formulary.delete_file(draft.uid, by=cast["forrest"], at=AT, version=0, path="examples.yaml")
    assert set(kept.files) == {"pack.yaml", "cidp.yaml"}
    with refused_on("path"):
        formulary.delete_file(draft.uid, by=cast["forrest"], at=AT, version=1, path="examples.yaml")


def test_of_two_who_save_at_once_the_second_is_told_and_changes_nothing(cast):
    seen = a_criteria_draft(cast)
    save(seen, "fiona", cast, text="hers: 1\n")
    with pytest.raises(Overtaken, match="Fiona Formulary changed this draft last; it is being written") as told:
        save(seen, "forrest", cast, text="mine: 1\n")
    assert told.value.draft.files["pack.yaml"] == "hers: 1\n"
    assert CriteriaDraft.objects.get().files["pack.yaml"] == "hers: 1\n"


def test_a_race_that_passes_the_first_question_is_stopped_by_the_update(cast, monkeypatch):
    seen = a_criteria_draft(cast)
    monkeypatch.setattr("utilization.access.fetch_draft", lambda actor, uid: seen)
    CriteriaDraft.objects.update(version=5)
    with pytest.raises(Overtaken):
        save(seen, "forrest", cast)


def test_a_discarded_draft_takes_nothing_more(cast):
    draft = a_criteria_draft(cast)
    gone = formulary.discard(draft.uid, by=cast["fiona"], at=AT, version=0)
    assert gone.status == WITHDRAWN
    with pytest.raises(Refused, match="discarded"):
        save(gone, "forrest", cast)


# --- Proposing ----------------------------------------------------------------------------------------------------


def test_a_proposal_keeps_the_bytes_that_were_proved(cast):
    draft = a_criteria_draft(cast)
    proposed = propose(draft, cast)
    assert (proposed.status, proposed.effective_from, proposed.reason) == (PROPOSED, SOON, "Because.")
    assert (proposed.proposed_by, proposed.proposed_name) == (cast["forrest"], cast["forrest"].signature_name)
    assert proposed.pack.files == draft.files
    assert proposed.pack.shelf == criteria.reference_tables().files
    assert events()[-1][0] == "criteria.proposed"
    assert "Because" not in str(events())


CIDP_TEXT = pack_text()["cidp.yaml"]
ADULT = "{age_years: {at_least: 18}}"
BREAKS = {
    "does not read": {"cidp.yaml": "indications: [\n"},
    "unknown fact": {"cidp.yaml": pack_text()["cidp.yaml"].replace("age_years", "age_yaers")},
    "failing example": {"examples.yaml": pack_text()["examples.yaml"].replace("age_years: 17", "age_years: 18")},
    "missing examples": {"examples.yaml": "examples: []\n"},
    "never met": {"cidp.yaml": CIDP_TEXT.replace(ADULT, f"{{all: [{ADULT}, {{age_years: {{at_most: 17}}}}]}}")},
    "the built-in's name": {"pack.yaml": 'pack: {name: ivig-builtin, version: "2", title: T}\n'},
    "no indication": {"cidp.yaml": "indications: []\n", "examples.yaml": "examples: []\n"},
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("what", BREAKS)
def test_what_does_not_prove_is_not_proposed(cast, what):
    draft = a_criteria_draft(cast, files={**pack_text(), **BREAKS[what]})
    with refused_on("files"):
        propose(draft, cast)
    assert CriteriaDraft.objects.get().status == DRAFT
    assert PackVersion.objects.count() == 0


def test_a_draft_whose_check_was_ended_is_not_proposed_and_says_that_it_was(cast, monkeypatch):
    def too_long(task, job, who):
        raise Ended(TIME, "trying the examples")

    draft = a_criteria_draft(cast, files={**pack_text(), "more.yaml": "defaults: []  # takes long\n"})
    monkeypatch.setattr(pack_proof, "run", too_long)
    with refused_on("files") as refused:
        propose(draft, cast)
    assert refused.value.errors["files"] == [Ended(TIME, "trying the examples").words]
    assert CriteriaDraft.objects.get().status == DRAFT


@pytest.mark.parametrize(("field", "given"), [
    ("effective_from", {"effective_from": TODAY - timedelta(days=1)}),
    ("effective_from", {"effective_from": None}),
    ("reason", {"reason": "  "}),
    ("password", {"presence": PASSWORD}),
    ("password", {"presence": None}),
])  # fmt: skip
def test_a_proposal_needs_a_day_a_reason_and_the_password(cast, field, given):
    draft = a_criteria_draft(cast)
    with refused_on(field):
        propose(draft, cast, **given)
    assert CriteriaDraft.objects.get().status == DRAFT


def test_the_day_is_that_of_the_site_not_of_the_clock(cast):
    """At 23:30 UTC it is tomorrow already in Vienna, and still today in Chicago."""
    at = AT.replace(hour=23, minute=30)
    draft = a_criteria_draft(cast)
    with refused_on("effective_from"):
        formulary.propose(
            draft.uid,
            by=cast["forrest"],
            at=at,
            version=0,
            presence=present(cast["forrest"], at),
            effective_from=TODAY,
            reason="x",
        )
    southern = a_criteria_draft(cast, by="silke")
    assert formulary.propose(
        southern.uid, by=cast["silke"], at=at, version=0, presence=present(cast["silke"], at), effective_from=TODAY,
        reason="x",
    ).effective_from == TODAY  # fmt: skip


def test_a_proposal_takes_no_change(cast):
    proposed = a_proposal(cast)
    with pytest.raises(Refused, match="waits for a second signature"):
        save(proposed, "forrest", cast)
    with pytest.raises(Refused, match="waits for a second signature"):
        formulary.discard(proposed.uid, by=cast["forrest"], at=AT, version=proposed.version)


def test_a_name_and_version_once_published_are_not_published_again(cast):
    a_publication(cast, version="2", day=TODAY)
    draft = a_criteria_draft(cast, files=pack_text("2", age=21))
    with refused_on("files"):
        propose(draft, cast)


# --- Signing ------------------------------------------------------------------------------------------------------


def test_the_second_signature_publishes_what_was_proposed(cast):
    proposed = a_proposal(cast, day=SOON)
    published = sign(proposed, cast)
    assert (published.pack, published.effective_from, published.ordinal) == (proposed.pack, SOON, 1)
    assert (published.proposed_by, published.signed_by) == (cast["forrest"], cast["frida"])
    assert published.signed_name == cast["frida"].signature_name
    assert (published.proposed_meaning, published.signed_meaning) == tuple(formulary.MEANINGS.values())
    assert published.draft.status == PUBLISHED
    kind, data = events()[-1]
    assert kind == "criteria.published"
    assert (data["pack"], data["effective_from"]) == (proposed.pack.sha256, SOON.isoformat())


@pytest.mark.long
def test_whoever_proposed_or_wrote_it_does_not_sign(cast):
    draft = save(a_criteria_draft(cast), "fiona", cast, path="more.yaml", text="defaults: []\n")
    proposed = propose(draft, cast, by="frida")
    for who, why in (("frida", "You proposed"), ("forrest", "You wrote"), ("fiona", "You wrote")):
        with pytest.raises(Refused, match=why):
            sign(proposed, cast, by=who)
    assert not Publication.objects.exists()


def test_a_wrong_password_signs_nothing(cast):
    proposed = a_proposal(cast)
    with refused_on("password"):
        sign(proposed, cast, presence=present(cast["fiona"], LATER))
    assert CriteriaDraft.objects.get().status == PROPOSED


def test_a_draft_that_nobody_proposed_is_not_signed(cast):
    draft = a_criteria_draft(cast)
    with pytest.raises(Refused, match="being written"):
        sign(draft, cast)


def test_a_proposal_whose_day_has_passed_is_not_signed(cast):
    proposed = a_proposal(cast, day=TODAY)
    with pytest.raises(Refused, match=r"has passed at North Hospital.*Send it back"):
        sign(proposed, cast, at=AT + timedelta(days=1))


@pytest.mark.long
def test_no_two_versions_take_effect_on_one_day(cast):
    first, second = a_proposal(cast, version="2", day=SOON), a_proposal(cast, version="3", day=SOON)
    sign(first, cast)
    with pytest.raises(Refused, match="north-policy 2 takes effect on"):
        sign(second, cast)
    third = a_criteria_draft(cast, files=pack_text("4"))
    with refused_on("effective_from"):
        propose(third, cast)
    assert a_publication(cast, version="5", by="silke", signed_by="sylvia", day=SOON).ordinal == 1


def test_versions_of_a_site_are_counted(cast):
    days = (SOON, SOON + timedelta(days=5), SOON + timedelta(days=2))
    made = [a_publication(cast, version=str(n), day=day) for n, day in enumerate(days, start=2)]
    assert [one.ordinal for one in made] == [1, 2, 3]


def test_what_is_published_stays_whatever_happens_to_the_draft(cast):
    published = a_publication(cast)
    before = criteria.pack_of(published.pack).sha256
    CriteriaDraft.objects.update(files={"pack.yaml": "pack: {}\n"})
    assert criteria.pack_of(Publication.objects.get().pack).sha256 == before
    with pytest.raises(Refused, match="published"):
        save(CriteriaDraft.objects.get(), "forrest", cast)


# --- Sending back -------------------------------------------------------------------------------------------------


def test_a_proposal_sent_back_is_a_draft_with_a_reason(cast):
    back = formulary.send_back(a_proposal(cast).uid, by=cast["frida"], at=LATER, version=1, reason="The age is a slip.")
    assert (back.status, back.effective_from, back.pack, back.proposed_by) == (DRAFT, None, None, None)
    assert (back.returned_by, back.returned_reason) == (cast["frida"], "The age is a slip.")
    assert events()[-1][0] == "criteria.sent_back"
    again = propose(save(back, "forrest", cast, path="more.yaml", text="defaults: []\n"), cast)
    assert (again.status, again.returned_reason) == (PROPOSED, "")


def test_sending_back_needs_a_reason(cast):
    with refused_on("reason"):
        formulary.send_back(a_proposal(cast).uid, by=cast["frida"], at=LATER, version=1, reason="")


def test_whoever_sent_it_back_without_writing_may_sign_the_next_proposal(cast):
    proposed = a_proposal(cast)
    back = formulary.send_back(proposed.uid, by=cast["frida"], at=LATER, version=1, reason="Not yet.")
    assert sign(propose(back, cast), cast, by="frida").signed_by == cast["frida"]


def test_after_an_error_nothing_was_written(cast):
    proposed = a_proposal(cast)
    count = Event.objects.count()
    with pytest.raises(Invalid), transaction.atomic():
        sign(proposed, cast, presence=present(cast["fiona"], LATER))
    assert (Event.objects.count(), Publication.objects.count()) == (count, 0)
