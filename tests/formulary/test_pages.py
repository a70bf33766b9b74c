"""The committee's pages: what they show, what they keep of what was typed, and a version's whole way through them."""

import io
import re
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html

from tests.cast import AT, PASSWORD, a_request, present
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal, a_publication, pack_text
from utilization.models import AccessEntry, CriteriaDraft, Membership, Notice, Publication
from utilization.models.criteria_drafts import DRAFT, PROPOSED, WITHDRAWN
from utilization.rules.roles import Role
from utilization.web.formulary.new_draft import BLANK_FILES
from utilization.workflow import formulary
from utilization.workflow.pack_proof import pack_reading

SOON = (TODAY + timedelta(days=10)).isoformat()


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def words(response):
    """The page's text without its marks, spaces folded."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def typed(response):
    """What stands in the editor."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", response.content.decode(), re.DOTALL)
    return unescape(found[1])


def of(name, draft):
    return reverse(f"formulary-{name}", args=[draft.uid])


def now(draft):
    return CriteriaDraft.objects.get(pk=draft.pk)


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


# --- The whole way ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_new_indication_goes_from_an_empty_draft_to_a_published_version(cast, enter):
    forrest, frida = enter("forrest"), enter("frida")
    begun = forrest.post(reverse("formulary-start"), {"site": cast.north.pk, "name": "Our first", "source": ""})
    draft = CriteriaDraft.objects.get()
    assert begun["Location"] == of("draft", draft)
    assert draft.files == dict(BLANK_FILES)
    assert pack_reading(BLANK_FILES).pack is not None, "an empty pack reads"
    for path, text in {**pack_text(), "indications.yaml": "indications: []\n"}.items():
        sent = {"version": now(draft).version, "path": path, "text": text}
        assert forrest.post(of("file", draft), sent).status_code == 302
    assert "all 3 worked examples come out as written" in words(forrest.get(of("check", draft)))
    proposal = {"version": now(draft).version, "effective_from": SOON, "reason": "New.", "password": PASSWORD}
    assert forrest.post(of("propose", draft), proposal).status_code == 302
    assert "You proposed this version" in words(forrest.get(of("sign", draft)))
    page = words(frida.get(of("sign", draft)))
    assert "The patient is old enough." in page
    assert "New." in page
    assert frida.post(of("sign", draft), {"version": now(draft).version, "password": PASSWORD}).status_code == 302
    published = Publication.objects.get()
    listed = words(forrest.get(reverse("formulary-list")))
    assert "Coming Coming Version" in listed
    assert f"Policy of North north-policy, version 2 from {12} Mar 2026" in listed
    assert published.signed_name in listed


def test_a_draft_of_the_built_in_pack_begins_under_a_name_of_the_site_s_own(cast, enter):
    sent = {"site": cast.north.pk, "name": "Ours", "source": "pack.ivig-builtin"}
    enter("forrest").post(reverse("formulary-start"), sent)
    draft = CriteriaDraft.objects.get()
    assert pack_reading(draft.files).pack.name == "north-ivig"
    assert draft.base.name == "ivig-builtin"


def test_a_draft_begins_from_a_published_version_as_it_is(cast, enter):
    published = a_publication(cast)
    sent = {"site": cast.north.pk, "name": "Next", "source": f"version.{published.uid}"}
    enter("forrest").post(reverse("formulary-start"), sent)
    begun = CriteriaDraft.objects.get(name="Next")
    assert (begun.files, begun.base) == (published.pack.files, published.pack)


def test_a_draft_begins_with_what_is_in_force_unless_it_is_told_otherwise(cast, enter):
    def chosen(query=""):
        page = enter("forrest").get(reverse("formulary-start") + query)
        return html.fromstring(page.content).xpath("//select[@name='source']//option[@selected]/@value")

    assert chosen() == ["pack.ivig-builtin"]
    published = f"version.{a_publication(cast).uid}"
    assert chosen() == [published]
    assert chosen("?source=pack.ivig-builtin") == ["pack.ivig-builtin"]
    Membership.objects.create(user=cast["forrest"], site=cast.south, role=Role.FORMULARY, started_at=AT)
    assert chosen() in ([], [""]), "of two hospitals none is taken for the other"


def test_whoever_proposed_is_not_led_to_sign(cast, enter):
    draft = a_criteria_draft(cast)
    sent = {"version": draft.version, "effective_from": SOON, "reason": "New.", "password": PASSWORD}
    assert enter("forrest").post(of("propose", draft), sent).status_code == 302
    assert "Read what was proposed" in words(enter("forrest").get(of("draft", draft)))
    assert "Read and sign" in words(enter("frida").get(of("draft", draft)))


def test_what_was_typed_for_a_draft_stays_when_it_is_refused(cast, enter):
    page = enter("forrest").post(reverse("formulary-start"), {"site": cast.north.pk, "name": "\u202eodd"})
    assert page.status_code == 422
    assert "hidden" in words(page)
    assert "\u202eodd" in page.content.decode()


# --- Lists --------------------------------------------------------------------------------------------------------


def test_the_list_tells_today_s_the_coming_and_the_superseded_apart(cast, enter):
    for version, days in (("2", 0), ("3", 5), ("4", 9)):
        a_publication(cast, version=version, day=TODAY + timedelta(days=days))
    page = words(enter("audrey").get(reverse("formulary-list")))
    assert re.search(r"In force today .*version 2 .*Coming .*version 3 .*version 4 .*Packs that come", page)
    assert "Drafts" not in page


def test_a_superseded_version_stays_on_the_list(cast, enter, monkeypatch):
    a_publication(cast, version="2")
    a_publication(cast, version="3", day=TODAY + timedelta(days=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=1))
    page = words(enter("fern").get(reverse("formulary-list")))
    assert re.search(r"In force today .*version 3 .*Superseded .*version 2 from 2 Mar 2026 , until the version", page)


def test_before_any_version_the_built_in_pack_is_said_to_be_in_force(cast, enter):
    a_criteria_draft(cast, name="Only a draft")
    page = words(enter("forrest").get(reverse("formulary-list")))
    assert "The built-in evidence pack : North Hospital has published no criteria" in page
    assert "Only a draft" in page
    assert "Only a draft" not in words(enter("silke").get(reverse("formulary-list")))


def test_committee_members_come_home_to_the_criteria(cast, enter):
    response = enter("forrest").get("/")
    assert response["Location"] == reverse("formulary-list")
    assert "Versions of the criteria" in words(enter("audrey").get(reverse("evidence-list")))
    assert "Versions of the criteria" not in words(enter("petra").get(reverse("evidence-list")))


# --- Reading ------------------------------------------------------------------------------------------------------


def test_a_version_is_shown_with_its_signatures_and_its_numbered_text(cast, enter):
    published = a_publication(cast)
    address = reverse("formulary-version", args=[f"version.{published.uid}"])
    page = words(enter("audrey").get(address, {"file": "cidp.yaml"}))
    for said in (published.proposed_meaning, published.signed_meaning, published.reason, published.pack.sha256):
        assert said in page
    shown = enter("audrey").get(address, {"file": "cidp.yaml"}).content.decode()
    assert 'id="L8"><code>      - id: adult</code>' in shown
    assert "id: adult" not in words(enter("audrey").get(address, {"file": "../settings.py"}))


def test_a_downloaded_version_is_its_files(cast, enter):
    published = a_publication(cast)
    response = enter("fern").get(reverse("formulary-download", args=[f"version.{published.uid}"]))
    assert response["Content-Disposition"] == 'attachment; filename="north-policy-2.zip"'
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert held == {f"north-policy-2/{path}": text for path, text in published.pack.files.items()}


def test_a_draft_that_does_not_read_can_be_downloaded_too(cast, enter):
    draft = a_criteria_draft(cast, files={"pack.yaml": "["})
    response = enter("forrest").get(reverse("formulary-download", args=[f"draft.{draft.uid}"]))
    assert response["Content-Disposition"] == 'attachment; filename="draft.zip"'


@pytest.mark.long
def test_two_versions_are_compared_in_words(cast, enter):
    old, new = a_publication(cast), a_publication(cast, version="3", age=21, day=TODAY + timedelta(days=5))
    asked = {"old": f"version.{old.uid}", "new": f"version.{new.uid}"}
    page = words(enter("audrey").get(reverse("formulary-compare"), asked))
    assert "Age: at least 18 years Age: at least 21 years" in page
    same = words(enter("audrey").get(reverse("formulary-compare"), {"old": asked["old"], "new": asked["old"]}))
    assert "Nothing that judges differs." in same


@pytest.mark.long
def test_one_indication_of_a_comparison_is_shown_alone(cast, enter):
    published = a_publication(cast)
    asked = {"old": "pack.ivig-builtin", "new": f"version.{published.uid}", "indication": "cidp"}
    page = enter("audrey").get(reverse("formulary-compare"), asked).content.decode()
    assert 'id="change-cidp"' in page
    assert 'id="change-mmn"' not in page
    assert (
        'id="change-mmn"'
        in enter("audrey").get(reverse("formulary-compare"), {**asked, "indication": ""}).content.decode()
    )


def test_a_draft_that_does_not_read_is_not_compared_but_said_so(cast, enter):
    draft = a_criteria_draft(cast, files={"pack.yaml": "["})
    asked = {"old": "pack.ivig-builtin", "new": f"draft.{draft.uid}"}
    assert "does not read yet" in words(enter("forrest").get(reverse("formulary-compare"), asked))


@pytest.mark.parametrize("key", ["draft", "version", "nonsense", "pack.nothing", "draft.1", "pack../../etc"])
def test_a_key_that_leads_nowhere_or_to_another_site_is_not_there(cast, enter, key):
    draft, published = a_criteria_draft(cast), a_publication(cast)
    keys = {"draft": f"draft.{draft.uid}", "version": f"version.{published.uid}"}
    client = enter("silke")
    for asked in ({"old": keys.get(key, key)}, {"new": keys.get(key, key)}):
        for page in ("formulary-compare", "formulary-judge"):
            assert client.get(reverse(page), asked).status_code == 404
        assert client.post(reverse("formulary-judge"), {"old": "pack.ivig-builtin", **asked}).status_code in (404, 422)
    assert "Policy of North" not in words(client.get(reverse("formulary-judge")))


def test_auditors_read_no_draft(cast, enter):
    draft = a_criteria_draft(cast)
    for who in ("audrey", "fern", "mira"):
        address = reverse("formulary-download", args=[f"draft.{draft.uid}"])
        assert enter(who).get(address).status_code == 404
        assert "A draft" not in words(enter(who).get(reverse("formulary-compare")))
    assert enter("forrest").get(reverse("formulary-version", args=[f"draft.{draft.uid}"])).status_code == 404


# --- Writing ------------------------------------------------------------------------------------------------------


def test_a_text_that_does_not_read_is_kept_and_its_fault_shown_at_the_line(cast, enter):
    draft = a_criteria_draft(cast)
    wrong = pack_text()["cidp.yaml"].replace("at_least", "at_leest")
    client = enter("forrest")
    client.post(of("file", draft), {"version": 0, "path": "cidp.yaml", "text": wrong})
    assert now(draft).files["cidp.yaml"] == wrong
    page = client.get(of("file", draft), {"path": "cidp.yaml"})
    assert typed(page) == wrong
    assert 'data-line="10"' in page.content.decode()
    assert "did you mean 'at_least'? require: {age_years: {at_leest: 18}}" in words(page)
    assert "It cannot be read yet: 1 fault" in words(page)
    assert "cidp.yaml, line 10" in words(client.get(of("draft", draft)))


@pytest.mark.parametrize(("slips", "told"), [
    ({}, "cidp.yaml is saved."),
    ({"at_least": "at_leest"}, "cidp.yaml is saved, but the draft cannot be read yet: 1 fault."),
    ({"at_least": "at_leest", "otherwise": "otherwize"}, "the draft cannot be read yet: 2 faults."),
    ({"outcome: meets": "outcome: meetz"}, "the draft cannot be read yet: 1 fault. See examples.yaml."),
    ({"age_years: 17": "age_yaers: 17"}, "facts of its worked examples can be read: 1 fault. See examples.yaml."),
])  # fmt: skip
def test_a_save_says_whether_the_draft_reads_and_how_many_faults_it_has(cast, enter, slips, told):
    files = pack_text()
    for right, wrong in slips.items():
        files = {path: text.replace(right, wrong) for path, text in files.items()}
    draft = a_criteria_draft(cast, files=files)
    sent = {"version": 0, "path": "cidp.yaml", "text": files["cidp.yaml"]}
    assert told in words(enter("forrest").post(of("file", draft), sent, follow=True))
    assert now(draft).files == files


@pytest.mark.parametrize(("field", "sent", "told"), [
    ("path", {"path": "no good.txt"}, "cannot be the name of a file"),
    ("text", {"text": "a: b\u202ec\n"}, "line 1: it holds a hidden character"),
])  # fmt: skip
def test_what_cannot_be_kept_stays_in_the_editor(cast, enter, field, sent, told):
    draft = a_criteria_draft(cast)
    given = {"version": 0, "path": "new.yaml", "text": "more: 1\n", **sent}
    page = enter("forrest").post(of("file", draft), given)
    assert page.status_code == 422
    assert told in words(page)
    assert typed(page) == given["text"]
    assert given["path"] in page.content.decode()
    assert now(draft).files == draft.files


@pytest.mark.long
def test_whoever_was_second_keeps_their_text_and_sees_both(cast, enter):
    draft = a_criteria_draft(cast)
    enter("fiona").post(of("file", draft), {"version": 0, "path": "more.yaml", "text": "hers: 1\n"})
    page = enter("forrest").post(of("file", draft), {"version": 0, "path": "more.yaml", "text": "mine: 1\n"})
    assert page.status_code == 409
    assert typed(page) == "mine: 1\n"
    assert "Fiona Formulary changed this draft last" in words(page)
    assert "Kept hers: 1 Yours mine: 1" in words(page)
    assert 'name="version" value="1"' in page.content.decode(), "saving again takes the place of hers"


@pytest.mark.long
def test_a_page_without_its_version_saves_nothing(cast, enter):
    draft = a_criteria_draft(cast)
    for version in ("", "x", "9" * 30, "-1"):
        sent = {"version": version, "path": "more.yaml", "text": "a: 1\n"}
        assert enter("forrest").post(of("file", draft), sent).status_code == 409
    assert now(draft).files == draft.files


def test_a_proposal_cannot_be_edited(cast, enter):
    proposed = a_proposal(cast)
    page = enter("forrest").post(of("file", proposed), {"version": 1, "path": "pack.yaml", "text": "a: 1\n"})
    assert page.status_code == 409
    assert "waits for a second signature" in words(page)
    assert "<textarea" not in enter("forrest").get(of("file", proposed), {"path": "pack.yaml"}).content.decode()


def upload(client, draft, name, content, version=0):
    sent = {"version": version, "file": SimpleUploadedFile(name, content)}
    return client.post(of("upload", draft), sent, follow=True)


def test_files_are_uploaded_one_by_one_and_as_a_zip(cast, enter):
    draft, client = a_criteria_draft(cast), enter("forrest")
    assert "more.yaml is saved." in words(upload(client, draft, "more.yaml", b"defaults: []\n"))
    files = {"p/pack.yaml": pack_text()["pack.yaml"], "p/readme.md": "x"}
    page = words(upload(client, draft, "p.zip", zipped(files), version=1))
    assert "1 files took the place of all files. Left out, since it is no .yaml: p/readme.md." in page
    assert set(now(draft).files) == {"pack.yaml"}


@pytest.mark.parametrize(("name", "content", "status", "told"), [
    ("big.yaml", b"a" * 2_000_001, 422, "larger than 2 MB"),
    ("big.yaml", b"a" * 30_000_000, 413, "larger than 2 MB"),  # so much announced is refused unread
    ("latin.yaml", b"a: caf\xe9\n", 422, "line 1: the byte 0xe9 is not UTF-8"),
    ("broken.zip", b"PK\x03\x04", 422, "damaged"),
    ("x.exe", b"MZ", 422, "is no .yaml and no .zip file"),
])  # fmt: skip
def test_an_upload_that_cannot_be_taken_leaves_the_draft_as_it_was(cast, enter, name, content, status, told):
    draft = a_criteria_draft(cast)
    page = upload(enter("forrest"), draft, name, content)
    assert page.status_code == status
    assert told in words(page)
    assert (now(draft).files, now(draft).version) == (draft.files, 0)


def test_an_upload_without_a_file_is_asked_for_one(cast, enter):
    draft = a_criteria_draft(cast)
    page = enter("forrest").post(of("upload", draft), {"version": 0})
    assert (page.status_code, "Choose a .yaml or .zip file" in words(page)) == (422, True)


@pytest.mark.parametrize("url", ["/formulary/judge/", "/", "/account/sign-in/", "/no/such/page/"])
def test_a_file_is_taken_at_no_other_address(cast, enter, url):
    assert enter("forrest").post(url, {"file": SimpleUploadedFile("a.yaml", b"a: 1")}).status_code == 400


@pytest.mark.long
def test_a_file_is_deleted_and_a_draft_discarded(cast, enter):
    draft, client = a_criteria_draft(cast), enter("forrest")
    client.post(of("delete", draft), {"version": 0, "path": "examples.yaml"})
    assert set(now(draft).files) == {"pack.yaml", "cidp.yaml"}
    again = client.post(of("delete", draft), {"version": 1, "path": "examples.yaml"})
    assert (again.status_code, "holds no such file" in words(again)) == (422, True)
    late = client.post(of("discard", draft), {"version": 0})
    assert (late.status_code, now(draft).status) == (409, DRAFT)
    client.post(of("discard", draft), {"version": 1})
    assert now(draft).status == WITHDRAWN


def test_whoever_has_not_written_is_warned_before_they_do(cast, enter):
    draft = a_criteria_draft(cast)
    warned = "you cannot be the second to sign"
    for page in (of("draft", draft), of("file", draft) + "?path=pack.yaml"):
        assert warned in words(enter("frida").get(page))
        assert warned not in words(enter("forrest").get(page))


@pytest.mark.long
def test_the_editor_shows_each_sentence_beside_its_rule_and_marks_what_only_the_sentence_says(cast, enter):
    text = pack_text()["cidp.yaml"].replace(
        "The patient is old enough.", "The patient is at least 21 years <b>old</b>."
    )
    draft = a_criteria_draft(cast, files={**pack_text(), "cidp.yaml": text})
    page = enter("forrest").get(of("file", draft), {"path": "cidp.yaml"})
    assert "Each sentence beside its rule" in words(page)
    assert "Sentence The patient is at least 21 years <b>old</b>. Rule Age: at least 18 years" in words(page)
    assert re.search(r"<mark\s*>21</mark>", page.text)
    assert "No number of the rule says 21." in words(page)
    # Of a file without criteria, and of a draft that does not read, nothing of it is shown.
    assert "beside its rule" not in words(enter("forrest").get(of("file", draft), {"path": "pack.yaml"}))
    unread = a_criteria_draft(cast, files={**pack_text(), "cidp.yaml": text.replace("says", "sais")})
    assert "beside its rule" not in words(enter("forrest").get(of("file", unread), {"path": "cidp.yaml"}))


@pytest.mark.long
def test_checks_name_what_fails_and_what_nothing_uses(cast, enter):
    wrong = pack_text()["examples.yaml"].replace("age_years: 17", "age_years: 30")
    source = "sources: [{id: S, short: S, authors: A, title: T, kind: guideline, published: P, year: 2020}]\n"
    draft = a_criteria_draft(cast, files={**pack_text(), "examples.yaml": wrong, "sources.yaml": source})
    page = words(enter("forrest").get(of("check", draft)))
    assert "examples.yaml, line 3 · worked example" in page
    assert "Worth a look, and no obstacle" in page
    assert "sources.yaml, line 1" in page
    unread = a_criteria_draft(cast, files={"pack.yaml": "["})
    assert "does not read yet; the examples run once it does" in words(enter("forrest").get(of("check", unread)))


@pytest.mark.long
def test_what_nothing_used_before_is_told_apart_from_what_is_new(cast, enter):
    unused = "{{id: {}, short: S, authors: A, title: T, kind: guideline, published: P, year: 2020}}"
    files = {**pack_text(), "sources.yaml": f"sources:\n  - {unused.format('OLD')}\n"}
    base = pack_reading(files).pack
    draft = formulary.start_draft(by=cast["forrest"], at=AT, site=cast.north, name="Next", files=files, base=base)
    client = enter("forrest")
    page = words(client.get(of("check", draft)))
    assert "Worth a look" not in page
    assert "There before" in page
    assert "OLD is used by nothing" in page
    # What stood before stays so when lines are put above it.
    more = f"# Moved.\nsources:\n  - {unused.format('NEW')}\n  - {unused.format('OLD')}\n"
    client.post(of("file", draft), {"version": draft.version, "path": "sources.yaml", "text": more})
    new, _, before = words(client.get(of("check", draft))).partition("There before")
    assert ("NEW is used by nothing" in new, "OLD is used by nothing" in new) == (True, False)
    assert ("NEW is used by nothing" in before, "OLD is used by nothing" in before) == (False, True)


def test_a_proposal_takes_no_upload(cast, enter):
    proposed = a_proposal(cast)
    page = upload(enter("forrest"), proposed, "more.yaml", b"a: 1\n", version=1)
    assert (page.status_code, "waits for a second signature" in words(page)) == (409, True)
    assert now(proposed).files == proposed.files


def test_who_keeps_the_criteria_of_two_sites_chooses_one(cast, enter):
    Membership.objects.create(user=cast["forrest"], site=cast.south, role=Role.FORMULARY, started_at=AT)
    client = enter("forrest")
    assert "Choose a site" in words(client.get(reverse("formulary-start")))
    client.post(reverse("formulary-start"), {"site": cast.south.pk, "name": "For South", "source": ""})
    assert CriteriaDraft.objects.get().site == cast.south
    assert "In force today at North Hospital" in words(client.get(reverse("formulary-list")))
    foreign = enter("fiona").post(reverse("formulary-start"), {"site": cast.south.pk, "name": "No", "source": ""})
    assert (foreign.status_code, CriteriaDraft.objects.count()) == (422, 1)


def test_a_pack_with_the_product_that_does_not_read_is_left_out(cast, enter, monkeypatch, tmp_path):
    for name, content in (("latin", b"caf\xe9"), ("broken", b"[")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.yaml").write_bytes(content)
    (tmp_path / "dated" / "2026").mkdir(parents=True)
    (tmp_path / "dated" / "2026" / "pack.yaml").write_text("pack: {name: dated, version: '1', title: Dated pack}\n")
    monkeypatch.setattr("utilization.criteria.files.BUILTIN", tmp_path / "ivig-builtin")
    page = words(enter("forrest").get(reverse("formulary-list")))
    assert "Dated pack dated 1 0" in page
    assert enter("forrest").get(reverse("formulary-version", args=["pack.dated.2026"])).status_code == 200
    for name in ("latin", "broken"):
        assert enter("forrest").get(reverse("formulary-version", args=[f"pack.{name}"])).status_code == 404


# --- Two signatures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "told"), [
    ({"effective_from": "2026-03-01"}, "has passed at North Hospital"),
    ({"effective_from": "soon"}, "Give a date as YYYY-MM-DD"),
    ({"reason": ""}, "Write what this version changes"),
    ({"password": "wrong"}, "not your password"),
    ({"password": ""}, "Type your password"),
])  # fmt: skip
def test_a_proposal_that_lacks_something_keeps_what_was_typed(cast, enter, sent, told):
    draft = a_criteria_draft(cast)
    given = {"version": 0, "effective_from": SOON, "reason": "Half a page of reasons.", "password": PASSWORD, **sent}
    page = enter("forrest").post(of("propose", draft), given)
    assert page.status_code == 422
    assert told in words(page)
    assert given["reason"] in words(page)
    assert PASSWORD not in page.content.decode()
    assert now(draft).status == DRAFT


def test_a_draft_with_faults_cannot_be_proposed_and_says_why(cast, enter):
    draft = a_criteria_draft(cast, files={**pack_text(), "examples.yaml": "examples: []\n"})
    assert "It cannot be proposed yet: 4 things" in words(enter("forrest").get(of("propose", draft)))
    page = enter("forrest").post(
        of("propose", draft), {"version": 0, "effective_from": SOON, "reason": "x", "password": PASSWORD}
    )
    assert (page.status_code, "problems stand in the way" in words(page)) == (422, True)


def test_a_draft_changed_meanwhile_is_neither_proposed_nor_signed(cast, enter):
    draft = a_criteria_draft(cast)
    late = {"version": 7, "effective_from": SOON, "reason": "x", "password": PASSWORD}
    assert enter("forrest").post(of("propose", draft), late).status_code == 409
    proposed = a_proposal(cast)
    assert enter("frida").post(of("sign", proposed), {"version": 7, "password": PASSWORD}).status_code == 409
    assert enter("frida").post(of("send-back", proposed), {"version": 7, "reason": "x"}).status_code == 409
    assert not Publication.objects.exists()


@pytest.mark.long
def test_the_second_signature_asks_for_another_member_and_the_password(cast, enter):
    proposed = a_proposal(cast)
    own = enter("forrest").post(of("sign", proposed), {"version": 1, "password": PASSWORD})
    assert own.status_code == 422
    wrong = enter("frida").post(of("sign", proposed), {"version": 1, "password": "wrong"})
    assert (wrong.status_code, "not your password" in words(wrong)) == (422, True)
    assert now(proposed).status == PROPOSED


@pytest.mark.long
def test_a_proposal_is_sent_back_with_a_reason(cast, enter):
    proposed = a_proposal(cast)
    assert enter("frida").post(of("send-back", proposed), {"version": 1, "reason": " "}).status_code == 422
    bad = enter("frida").post(of("send-back", proposed), {"version": 1, "reason": "a\u202eb"})
    assert (bad.status_code, "hidden" in words(bad)) == (422, True)
    enter("frida").post(of("send-back", proposed), {"version": 1, "reason": "The age is a slip."})
    assert now(proposed).status == DRAFT
    assert "Sent back by Frida Formulary" in words(enter("forrest").get(of("draft", proposed)))
    again = enter("frida").post(of("send-back", proposed), {"version": 2, "reason": "Twice."})
    assert again.status_code == 409


def test_a_member_whose_role_ends_meanwhile_signs_nothing(cast, enter):
    proposed = a_proposal(cast)
    client = enter("frida")
    client.get(of("sign", proposed))
    cast["frida"].memberships.update(ended_at=AT)
    assert client.post(of("sign", proposed), {"version": 1, "password": PASSWORD}).status_code == 403
    assert now(proposed).status == PROPOSED


def test_what_is_done_already_leads_back_to_the_draft_s_page(cast, enter):
    published = a_publication(cast)
    for page in ("propose", "sign"):
        response = enter("forrest").get(of(page, published.draft))
        assert (response.status_code, "This draft is published." in words(response)) == (200, True)
        assert enter("forrest").post(of(page, published.draft), {}).status_code == 409


def test_a_race_for_one_day_is_told_to_the_second(cast, enter):
    first, second = a_proposal(cast), a_proposal(cast, version="3")
    formulary.sign(first.uid, by=cast["frida"], at=AT, version=1, presence=present(cast["frida"]))
    page = enter("frida").post(of("sign", second), {"version": 1, "password": PASSWORD})
    assert (page.status_code, "takes effect on 2 Mar 2026 already" in words(page)) == (422, True)


# --- One case by two packs ----------------------------------------------------------------------------------------

BOTH = {"old": "pack.ivig-builtin"}
MEETS = "{age_years: 57, weight_kg: 80, dose_total_g_per_kg: 2}"


@pytest.mark.long
def test_facts_typed_in_are_judged_by_both_and_kept_nowhere(cast, enter):
    published = a_publication(cast, age=60)
    sent = {**BOTH, "new": f"version.{published.uid}", "case": f"indication: cidp\nfacts: {MEETS}\n"}
    page = words(enter("forrest").post(reverse("formulary-judge"), sent))
    assert "Meets criteria" in page
    assert "Does not meet criteria" in page
    assert "The two differ in the outcome" in page
    assert not AccessEntry.objects.exists()


@pytest.mark.long
@pytest.mark.parametrize("case", [
    '{"indication": "cidp", "facts": {"age_years": 57}}',
    "indication: cidp\nfacts:\n\tage_years: 57\n".replace("\t", "  "),
    '{\n\t"indication": "cidp",\n\t"as_of": "2026-03-02",\n\t"facts": {"age_years": "57"}\n}',
    "indication: cidp\n",
])  # fmt: skip
def test_a_case_is_typed_as_json_or_yaml(cast, enter, case):
    sent = {**BOTH, "new": "pack.ivig-builtin", "case": case}
    page = enter("forrest").post(reverse("formulary-judge"), sent)
    assert page.status_code == 200
    assert "The two come to the same" in words(page)


@pytest.mark.parametrize(("case", "told"), [
    ("indication: cidp\nfacts: [\n", "Line 3"),
    ("facts: {age_years: 3}", "expected the key 'indication'"),
    ("indication: cidp\nname: Berta", "unknown key 'name'"),
    ("indication: cidp\nas_of: tomorrow", "expected a date"),
    ("x" * 40_001, "at most 40,000"),
    ("", "empty"),
])  # fmt: skip
def test_a_case_that_cannot_be_read_stays_typed(cast, enter, case, told):
    page = enter("forrest").post(reverse("formulary-judge"), {**BOTH, "new": "pack.ivig-builtin", "case": case})
    assert page.status_code == 422
    assert told in words(page)
    assert typed(page).strip() == case[:40_000].strip()


@pytest.mark.long
def test_a_fact_that_only_one_pack_knows_is_left_out_of_the_other(cast, enter):
    files = {**pack_text(), "facts.yaml": "facts: [{name: eeg_done, type: bool, label: EEG done}]\n"}
    files["cidp.yaml"] = files["cidp.yaml"].replace("{age_years: {at_least: 18}}", "{eeg_done: true}")
    draft = a_criteria_draft(cast, files=files)
    sent = {**BOTH, "new": f"draft.{draft.uid}", "case": "indication: cidp\nfacts: {eeg_done: true}\n"}
    page = words(enter("forrest").post(reverse("formulary-judge"), sent))
    assert "This pack does not know, and left out: eeg_done." in page
    assert page.count("Meets criteria") >= 1


@pytest.mark.long
def test_what_one_pack_cannot_judge_is_said_on_its_side(cast, enter):
    unread = a_criteria_draft(cast, files={"pack.yaml": "["})
    sent = {**BOTH, "new": f"draft.{unread.uid}", "case": "indication: cidp\nfacts: {age_years: 57}\n"}
    assert "This draft does not read yet." in words(enter("forrest").post(reverse("formulary-judge"), sent))
    for facts in ("{age_years: 900}", "{weight_kg: heavy}"):
        wrong = {**BOTH, "new": "pack.ivig-builtin", "case": f"indication: cidp\nfacts: {facts}\n"}
        assert "It could not be judged" in words(enter("forrest").post(reverse("formulary-judge"), wrong))


@pytest.mark.long
def test_a_case_is_filled_in_on_a_form_of_the_facts_that_the_indication_asks_for(cast, enter):
    files = {**pack_text(), "facts.yaml": "facts: [{name: eeg_done, type: bool, label: EEG done}]\n"}
    files["cidp.yaml"] = files["cidp.yaml"].replace(
        "{age_years: {at_least: 18}}", "{eeg_done: true, platelet_measurements: {at_least: 2}, severity: severe}"
    )
    draft = a_criteria_draft(cast, files=files)
    both = {"old": "pack.ivig-builtin", "new": f"draft.{draft.uid}"}
    client, page = enter("forrest"), reverse("formulary-judge")
    shown = client.post(page, {**both, "act": "ask"})
    assert "Chronic inflammatory demyelinating polyneuropathy" in words(shown)
    asked = client.post(page, {**both, "act": "ask", "indication": "cidp", "case": "typed: before"})
    for name in ("fact-eeg_done", "fact-platelet_measurements", "fact-severity", "fact-age_years"):
        assert f'name="{name}"' in asked.text, name
    assert "typed: before</textarea>" in asked.text
    stated = {**both, "act": "form", "indication": "cidp", "fact-eeg_done": "yes", "fact-severity": "severe",
              "fact-platelet_measurements": "2026-01-01; 20\n2026-01-02; 20"}  # fmt: skip
    judged = client.post(page, stated)
    assert judged.status_code == 200
    assert "The two differ in" in words(judged)
    assert "Meets criteria" in words(judged)
    assert "left out: eeg_done" in words(judged)
    none = client.post(page, {**stated, "fact-platelet_measurements": "none"})
    assert "Does not meet criteria" in words(none)
    wrong = client.post(page, {**stated, "fact-platelet_measurements": "yesterday; 20", "fact-age_years": "old"})
    assert wrong.status_code == 422
    assert "Write a number, as 2 or 0.4." in words(wrong)
    assert "yesterday; 20" in wrong.text


def test_two_packs_are_asked_for(cast, enter):
    page = enter("forrest").post(reverse("formulary-judge"), {**BOTH, "new": "", "case": "indication: cidp"})
    assert (page.status_code, "Choose two packs" in words(page)) == (422, True)


@pytest.mark.long
def test_a_reviewer_may_name_a_filed_request_and_the_read_is_logged(cast, enter):
    request = a_request(cast)
    published = a_publication(cast, age=60)
    sent = {**BOTH, "new": f"version.{published.uid}", "number": request.number, "case": ""}
    page = words(enter("fern").post(reverse("formulary-judge"), sent))
    assert f"Judged as filed in {request.number}" in page
    assert "Does not meet criteria" in page
    assert cast.patient.name not in page
    assert AccessEntry.objects.filter(request_id=request.pk, what="judged by two packs").count() == 1


@pytest.mark.parametrize("who", ["forrest", "sue"])
def test_nobody_else_reaches_a_request_by_its_number(cast, enter, who):
    request = a_request(cast)
    entries = AccessEntry.objects.count()
    sent = {**BOTH, "new": "pack.ivig-builtin", "number": request.number, "case": "indication: gbs\n"}
    page = enter(who).post(reverse("formulary-judge"), sent)
    assert "Judged as filed" not in words(page)
    assert AccessEntry.objects.count() == entries
    if who == "sue":
        assert "there is no filed request" in words(page).lower()
    else:
        assert "Number of a filed request" not in words(page)


@pytest.mark.parametrize(("who", "keeps_prices"), [("forrest", True), ("fern", False)])
def test_nobody_is_led_to_prices_who_may_not_see_them(cast, enter, who, keeps_prices):
    page = enter(who).get(reverse("formulary-list")).content.decode()
    assert (reverse("people-prices") in page) is keeps_prices
    assert (enter(who).get(reverse("people-prices")).status_code == 200) is keeps_prices


@pytest.mark.long
def test_a_new_file_takes_the_place_of_none_that_the_draft_holds(cast, enter):
    draft, forrest = a_criteria_draft(cast), enter("forrest")
    name = sorted(draft.files)[0]
    assert 'name="is_new"' in forrest.get(of("file", draft)).content.decode()
    assert 'name="is_new"' not in forrest.get(of("file", draft), {"path": name}).content.decode()
    sent = {"version": 0, "path": f" {name} ", "text": "typed: here\n", "is_new": "yes"}
    refused = forrest.post(of("file", draft), sent)
    assert refused.status_code == 422
    assert f"The draft has a file {name} already" in words(refused)
    assert typed(refused) == "typed: here\n"
    assert now(draft).files == draft.files
    assert forrest.post(of("file", draft), sent | {"path": "clauses/another.yaml"}).status_code == 302
    assert now(draft).files == {**draft.files, "clauses/another.yaml": "typed: here\n"}


def test_a_version_that_was_published_is_told_by_the_checks_and_when_it_is_proposed(cast, enter):
    published = a_publication(cast)
    draft = a_criteria_draft(cast, files=pack_text())
    told = f"{published.pack} was published on"
    for page in (of("check", draft), of("propose", draft)):
        assert told in words(enter("forrest").get(page)), page
    assert "Nothing stands in the way" not in words(enter("forrest").get(of("check", draft)))
    given = {"version": 0, "effective_from": SOON, "reason": "x", "password": PASSWORD}
    answer = enter("forrest").post(of("propose", draft), given)
    assert (answer.status_code, told in words(answer)) == (422, True)
    assert now(draft).status == DRAFT


def test_a_notice_about_criteria_opens_their_page_for_who_keeps_them(cast, enter):
    a_publication(cast)
    for who, leads in (("frida", True), ("fern", False)):
        notice = Notice.objects.filter(recipient=cast[who], kind="criteria").latest("pk")
        page = enter(who).get(reverse("notices")).content.decode()
        assert (f'action="{reverse("notice-open", args=[notice.pk])}"' in page, "Open" in page) == (True, leads)
        opened = enter(who).post(reverse("notice-open", args=[notice.pk]))
        assert opened.url == reverse("formulary-list" if leads else "notices")
