"""An indication added to a draft by the guided form: the text that comes of it, and what the page tells and keeps."""

import re
from datetime import timedelta
from html import unescape

import pytest
import yaml
from django.urls import reverse

from tests.cast import AT, PASSWORD
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal
from tests.formulary.guided import ADULT, LEMS, PATH, TRIED, example, lems, own_pack, row
from utilization.models import CriteriaDraft, Event, Publication
from utilization.models.criteria_drafts import PROPOSED
from utilization.web.formulary.new_draft import BLANK_FILES
from utilization.workflow import formulary, proof

pytestmark = pytest.mark.django_db
NOTHING_TO_CORRECT = "Nothing to correct in this indication"
HOSTILE = "'\"}]: - # &a *b !c |\n--- ${x} {% raise %}<script>alert(1)</script> \N{SNOWMAN} no"


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


@pytest.fixture
def draft(cast):
    return a_criteria_draft(cast, files=own_pack())


@pytest.fixture
def forrest(enter):
    return enter("forrest")


def address(draft):
    return reverse("formulary-add-indication", args=[draft.uid])


def send(client, draft, act="add", **changes):
    return client.post(address(draft), lems(draft, act, **changes))


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def files(draft):
    return CriteriaDraft.objects.get(pk=draft.pk).files


def told(response):
    """The lines of the summary of errors."""
    found = re.search(r'id="error-summary".*?<ol>(.*?)</ol>', response.content.decode(), re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", line)).split()) for line in lines]


def field(response, name):
    """What stands in a field of the page: its value, or its text."""
    page = response.content.decode()
    if area := re.search(rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        return unescape(area[1])
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    return unescape(value[1]) if value else ""


# --- The whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_filled_form_becomes_the_text_and_the_draft_proves(draft, forrest):
    response = send(forrest, draft)
    assert response.status_code == 302, told(response)
    assert response.url == f"{reverse('formulary-file', args=[draft.uid])}?path=indications%2Flems.yaml"
    assert files(draft) == {**own_pack(), PATH: LEMS}
    assert "Lambert-Eaton myasthenic syndrome is added." in words(forrest.get(response.url))
    assert proof(files(draft), TODAY).faults == ()


def test_it_can_then_be_proposed_and_published(cast, forrest, enter):
    draft = a_criteria_draft(cast, files=own_pack())
    send(forrest, draft)
    draft.refresh_from_db()
    soon = (TODAY + timedelta(days=10)).isoformat()
    sent = {"version": draft.version, "effective_from": soon, "reason": "LEMS.", "password": PASSWORD}
    assert forrest.post(reverse("formulary-propose", args=[draft.uid]), sent).status_code == 302
    draft.refresh_from_db()
    assert draft.status == PROPOSED
    signed = {"version": draft.version, "password": PASSWORD}
    assert enter("frida").post(reverse("formulary-sign", args=[draft.uid]), signed).status_code == 302
    assert "lems" in Publication.objects.get().pack.files[PATH]


@pytest.mark.long
def test_an_empty_pack_takes_its_first_indication(cast, forrest):
    draft = a_criteria_draft(cast, files=dict(BLANK_FILES))
    assert send(forrest, draft).status_code == 302
    assert files(draft)[PATH] == LEMS


def test_the_event_names_the_file_and_its_writer_cannot_sign(cast, draft, enter):
    send(enter("fiona"), draft)
    event = Event.objects.filter(type="criteria.saved").get()
    assert event.actor_id == cast["fiona"].pk
    assert PATH.encode() in bytes(event.body)
    assert formulary.why_not_second(draft, cast["fiona"])


def test_sent_twice_it_is_added_once(draft, forrest):
    first, second = send(forrest, draft), send(forrest, draft)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Event.objects.filter(type="criteria.saved").count() == 1


@pytest.mark.long
def test_a_draft_page_leads_to_it_while_it_is_open(cast, draft, forrest):
    assert address(draft) in forrest.get(reverse("formulary-draft", args=[draft.uid])).content.decode()
    proposed = a_proposal(cast)
    assert address(proposed) not in forrest.get(reverse("formulary-draft", args=[proposed.uid])).content.decode()
    for response in (forrest.get(address(proposed)), send(forrest, proposed)):
        assert response.status_code == 409
        assert "no indication can be added" in words(response)


@pytest.mark.long
@pytest.mark.parametrize("act", ["add", "preview", "add c"])
def test_a_form_that_is_sent_too_late_is_shown_again_without_its_button(cast, forrest, act):
    response = send(forrest, a_proposal(cast), act)
    assert response.status_code == 409
    assert "no indication can be added" in told(response)[0]
    assert (field(response, "c1-says"), field(response, "c0t0-number")) == (TRIED, "18")
    assert field(response, "e2-says") == "A child is reviewed."
    assert "Add to the draft" not in words(response)


# --- The preview ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_preview_shows_text_and_words_and_saves_nothing(draft, forrest):
    response = send(forrest, draft, "preview")
    assert response.status_code == 200
    lines = re.findall(r'<li id="L\d+"><code>(.*?)</code>', response.content.decode())
    assert unescape("\n".join(lines)) == LEMS.rstrip("\n")
    assert "Age: at least 18 years" in words(response)
    assert NOTHING_TO_CORRECT in words(response)
    assert NOTHING_TO_CORRECT not in words(send(forrest, draft, "preview", e=["0", "1", "2"]))
    assert PATH not in files(draft)


# --- Rows and fields --------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_rows_are_added_and_taken_away_and_nothing_typed_is_lost(draft, forrest):
    more = send(forrest, draft, "add c")
    assert more.status_code == 200
    assert re.findall(r'name="c" value="(\d+)"', more.content.decode()) == ["0", "1", "2"]
    assert (field(more, "c1-says"), field(more, "c0t0-number")) == (TRIED, "18")
    fewer = send(forrest, draft, "remove c 0")
    assert re.findall(r'name="c" value="(\d+)"', fewer.content.decode()) == ["1"]
    assert ADULT not in words(fewer)
    facts = send(forrest, draft, "add c0t")
    assert re.findall(r'name="c0t" value="(\d+)"', facts.content.decode()) == ["0", "1"]
    assert re.findall(r'name="e0f" value="(\d+)"', send(forrest, draft, "remove e0f 1").content.decode()) == ["0", "2"]
    assert not told(facts)


@pytest.mark.long
def test_a_row_taken_away_leaves_nothing_for_a_new_one_of_its_key(draft, forrest):
    sent = lems(draft, "remove c 1")
    page = forrest.post(address(draft), sent)
    kept = {name: value for name, value in sent.items() if not name.startswith("c1")}
    again = forrest.post(address(draft), {**kept, "c": ["0"], "act": "add c"})
    for response in (page, again):
        assert TRIED not in response.content.decode()


@pytest.mark.long
def test_no_group_grows_without_end(draft, forrest):
    response = send(forrest, draft, "add c", c=[str(key) for key in range(400)])
    assert len(re.findall(r'name="c" value="\d+"', response.content.decode())) == 30
    assert "takes no more rows" in words(response)


@pytest.mark.long
@pytest.mark.parametrize("act", ["", "add", "remove x 1", "add c9999t", "remove c ../0", "add c0t 1 2", "nonsense"])
def test_an_act_that_is_none_loses_nothing(draft, forrest, act):
    response = forrest.post(address(draft), {**lems(draft), "act": act, "name": ""})
    assert response.status_code in (200, 422)
    assert field(response, "c1-says") == TRIED


def test_a_chosen_fact_brings_its_fields(draft, forrest):
    response = send(forrest, draft, "refresh", **row("c0t", 0, "grip_kpa"))
    assert "Number, in kPa" in words(response)
    assert "Grip strength (kPa)" in words(forrest.get(address(draft)))


# --- What is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"name": ""}, "Name of the indication: This field is required."),
        ({"code": "cidp"}, "Code: The draft uses cidp for Chronic inflammatory demyelinating polyneuropathy."),
        ({"code": "9 lives"}, "Code: Write a code of small letters, digits and underscores, such as stiff_person."),
        ({"icd10": "yellow"}, "ICD-10-CM codes, one a line: “yellow” does not begin with a code such as G70.80."),
        ({"basis": "cited", "cites": "S-9"}, "The draft has no statement S-9. Look at its statements."),
        ({"basis": "local"}, "Why there is no document: This is needed for what it rests on."),
        ({"source_year": ""}, "Year: This is needed for what it rests on."),
        ({"name": "a\u202eb"}, "Name of the indication: Holds a hidden character (U+202E)"),
        ({"ceiling": "1e99"}, "Highest dose, in g/kg: Ensure this value is less than or equal to 20."),
        ({"ceiling": "0"}, "Highest dose, in g/kg: Write a number above 0, or leave it empty."),
        ({"target": "0.0"}, "Usual dose of a course, in g/kg: Write a number above 0, or leave it empty."),
        ({"weeks": "0"}, "Weeks between courses, at least: Write a number above 0, or leave it empty."),
        (
            {"target": "2.1"},
            "Usual dose of a course, in g/kg: Write a dose that is not above the highest dose of a course.",
        ),
        ({"ceiling": "two"}, "Highest dose, in g/kg: Write a number, as 2 or 0.4."),
        (
            {"days_least": "5", "days_most": "2"},
            "Given over at most, in days: Write as many days as the least, or more.",
        ),
        ({"c0-does": ""}, "Criterion 1: What it does: Choose what it does."),
        ({"c0-says": ""}, "Criterion 1: The criterion, as people read it: Write the criterion as a sentence."),
        ({"c0t0-fact": ""}, "Criterion 1: Fact: Choose a fact."),
        ({"c0t0-fact": "wings"}, "Criterion 1: Fact: Select a valid choice."),
        ({"c0t0-number": ""}, "Criterion 1: Number, in years: Write a number."),
        ({"c0t0-number": "900"}, "Criterion 1: Number, in years: Write a number of at least 0 and at most 120."),
        (
            {"c0t0-how": "between", "c0t0-to": "9"},
            "Criterion 1: To, for a range, in years: Write a number above the first.",
        ),
        ({"c1t0-values": []}, "Criterion 2: Values: This field is required."),
        ({"e0-outcome": ""}, "Example 1: It must come to: Choose what you expect, whatever the program says."),
        ({"e0-says": ""}, "Example 1: What it shows: Write what the example shows."),
        ({"e0f1-fact": "age_years", "e0f1-value": "5"}, "Example 1: Fact: This fact stands twice in the example."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_kept(draft, forrest, changes, line):
    response = send(forrest, draft, **changes)
    assert response.status_code == 422
    assert any(line in said for said in told(response)), told(response)
    assert field(response, "c1-says") == TRIED
    assert PATH not in files(draft)


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"e2-outcome": "meets"},
            "Example 3: A child is reviewed.: expected outcome “Meets criteria”, got “Exception review”.",
        ),
        ({"e": ["0", "1", "2"]}, "Worked examples: No example comes to “Needs information” yet"),
        (
            {"e": ["0"]},
            "Worked examples: Write at least 2 (1 so far), or press “Fill in cases of the criteria”.",
        ),
        (
            {"c0t0-number": "0"},
            "Criterion 1: Never fails: where it applies, its 'require' always holds.",
        ),
    ],
)
def test_what_the_checks_find_is_told_where_it_comes_from(draft, forrest, changes, line):
    response = send(forrest, draft, **changes)
    assert response.status_code == 422
    assert any(said.startswith(line) for said in told(response)), told(response)
    assert PATH not in files(draft)
    assert "The draft cannot be proposed until that is corrected" in words(response)
    assert send(forrest, draft, "add-as-it-is", **changes).status_code == 302
    assert PATH in files(draft)


@pytest.mark.long
def test_somebody_elses_change_is_told_and_the_next_press_adds_it(cast, draft, forrest):
    formulary.save_file(draft.uid, by=cast["fiona"], at=AT, version=draft.version, path="more.yaml", text="{}\n")
    response = send(forrest, draft)
    assert response.status_code == 409
    assert "Fiona Formulary changed this draft last" in told(response)[0]
    assert send(forrest, draft, version=field(response, "version")).status_code == 302


@pytest.mark.long
def test_a_file_of_the_name_is_not_overwritten(cast, forrest):
    draft = a_criteria_draft(cast, files={**own_pack(), PATH: "warnings: []\n"})
    response = send(forrest, draft)
    assert told(response) == ["Code: The draft holds indications/lems.yaml already. Choose another code."]


def test_what_the_draft_names_as_not_covered_is_to_be_taken_out_first(cast, forrest):
    silent = "not_covered:\n  - {code: lems, name: Lambert-Eaton, also_called: [Lambert-Eaton Myasthenic Syndrome]}\n"
    draft = a_criteria_draft(cast, files={**own_pack(), "silent.yaml": silent})
    first = "The draft lists Lambert-Eaton, with this code, as not covered. Take that out in the text first."
    assert told(send(forrest, draft)) == [f"Code: {first}"]
    # By another code it is found by its name, where the draft is read with it.
    by_name = told(send(forrest, draft, code="lems_too", act="preview"))
    where = "'lambert-eaton myasthenic syndrome' is a name under not_covered too (silent.yaml, line 2)"
    assert by_name == [f"{where}. Take it, or that entry, out."]


@pytest.mark.long
def test_a_draft_that_does_not_read_can_still_be_added_to(cast, forrest):
    draft = a_criteria_draft(cast, files={**own_pack(), "wrong.yaml": "indicatoins: []\n"})
    assert "its own facts, statements and codes are not offered here" in words(forrest.get(address(draft)))
    previewed = words(send(forrest, draft, "preview"))
    assert "cannot be shown in words" in previewed
    assert NOTHING_TO_CORRECT not in previewed, "what does not read is not judged"
    assert send(forrest, draft).status_code == 302


@pytest.mark.long
@pytest.mark.parametrize(
    "typed", [{"to_meet": "Ask."}, {"local": "We ask for it."}, {"cites": "S-1"}, {"phase": "renewal"}]
)
def test_a_criterion_of_which_little_is_filled_is_not_dropped(draft, forrest, typed):
    response = send(forrest, draft, c=["0", "1", "2"], **{f"c2-{name}": value for name, value in typed.items()})
    assert response.status_code == 422
    assert told(response) == [
        "Criterion 3: What it does: Choose what it does.",
        "Criterion 3: The criterion, as people read it: Write the criterion as a sentence.",
        "Criterion 3: Fact: Choose a fact.",
    ]
    assert PATH not in files(draft)


def test_an_example_with_only_a_date_is_not_dropped(draft, forrest):
    response = send(forrest, draft, e=["0", "1", "2", "3", "4"], **{"e4-as_of": "2026-06-30"})
    assert response.status_code == 422
    assert [line.partition(": ")[0] for line in told(response)] == ["Example 5", "Example 5"]
    assert field(response, "e4-as_of") == "2026-06-30"


@pytest.mark.long
@pytest.mark.parametrize("changes", [{"target": "2"}, {"target": "2.1", "per": "day"}, {"target": "2", "ceiling": ""}])
def test_a_usual_dose_may_be_the_highest_and_above_that_of_a_day(draft, forrest, changes):
    # Without its name the indication is never read as a whole, which takes seconds.
    response = send(forrest, draft, name="", **changes)
    assert told(response) == ["Name of the indication: This field is required."]


TEXTS = ("name", "evidence", "c0-says", "c0-local", "c0-to_meet", "e0-says", "source_title", "source_authors", "where")


@pytest.mark.long
def test_hostile_text_is_text(draft, forrest):
    typed = {name: f"{name} {HOSTILE}" for name in TEXTS}
    response = send(forrest, draft, also_called=HOSTILE, abbreviation="{a: b} #c", **typed)
    assert response.status_code == 302, told(response)
    pack = proof(files(draft), TODAY).pack
    shown = unescaped(pack)
    for text in (*typed.values(), "{a: b} #c", *HOSTILE.splitlines()):
        assert " ".join(text.split()) in shown
    assert "<script>alert" not in forrest.get(response.url).content.decode()


def unescaped(pack):
    """Every text of the indication, its examples and what it cites, as the reader of packs took it."""
    lems, title = pack.indications["lems"], pack.sources["AAN-2012"]
    clauses = [text for clause in lems.clauses for text in (clause.says, clause.local, clause.to_meet)]
    statements = [text for statement in pack.statements.values() for text in (statement.says, statement.where)]
    examples = [case.says for case in pack.examples]
    return [
        lems.name,
        lems.abbreviation,
        *lems.also_called,
        *clauses,
        *statements,
        *examples,
        title.title,
        title.authors,
    ]


FIELDS = ("code", "icd10", "cites", "target", "ceiling", "days_least", "weeks", "months_initial",
                                  "outside", "weight", "doses_renewal",
                                  "source_year", "basis", "source", "strength", "effect", "per", "c", "c0t", "c0-does",
                                  "c0-phase", "c0-joined", "c0t0-fact", "c0t0-how", "c0t0-number", "c1t0-values", "e",
                                  "e0f", "e0-outcome", "e0f0-fact", "e0f0-value", "version")  # fmt: skip
LISTS = ("c", "c0t", "e", "e0f")


@pytest.mark.long
@pytest.mark.parametrize("typed", [HOSTILE, "\x00", "NaN", "-1", "9" * 400])
def test_no_field_brings_the_page_down(draft, forrest, typed):
    # Without its name the indication is never read as a whole, which takes seconds.
    for names in (LISTS, [name for name in FIELDS if name not in LISTS]):
        response = forrest.post(address(draft), {**lems(draft, name=""), **dict.fromkeys(names, typed)})
        assert response.status_code in (200, 400, 422)


# --- Entries of lists -------------------------------------------------------------------------------------------------


def entries(**fields):
    return {"c": ["0"], "c0t": ["0"], **row("c0t", 0, "prior_courses", unit="months", **fields)}


@pytest.mark.long
def test_the_entries_that_count_are_told_field_by_field(draft, forrest):
    page = forrest.post(address(draft), lems(draft, "refresh", **entries())).content.decode()
    labels = re.findall(r"Only those with: ([^<\n]*?)\s*<", page)
    assert labels == ["Dose, at least, in g/kg", "Dose, at most, in g/kg", "Dose, below, in g/kg", "Response"]
    of = {"of0_least": "0.5", "of0_most": "1", "of1": ["worse", "no_response"]}
    response = send(forrest, draft, "add-as-it-is", **entries(how="few", number="1", length="6", **of))
    assert response.status_code == 302, told(response)
    [clause] = [one for one in yaml.safe_load(files(draft)[PATH])["criteria"][0]["clauses"] if one["says"] == ADULT]
    where = {"g_per_kg": {"at_least": "0.5 g/kg", "at_most": "1 g/kg"}, "response": ["worse", "no_response"]}
    assert clause["require"] == {"prior_courses": {"where": where, "at_most": 1, "within": "6 months"}}


@pytest.mark.long
@pytest.mark.parametrize(("sent", "says"), [
    ({"how": "latest"}, "How: Say what the latest entry is, in a field below that begins with “Only those with”."),
    ({"how": "never"}, "Within the last, or so long ago: Write a number."),
    ({"how": "many", "number": ""}, "Entries, where they are counted: Write a number."),
    ({"how": "many", "number": "1", "of0_least": "2", "of0_most": "1"}, "at most, in g/kg: Write as much as the least"),
    ({"how": "many", "number": "1", "of0_most": "2", "of0_below": "2"}, "Write “at most” or “below”, not both."),
    ({"how": "many", "number": "1", "of0_least": "2", "of0_below": "2"}, "below, in g/kg: Write more than the least."),
    ({"how": "many", "number": "1", "of1": ["<b>"]}, "Select a valid choice"),
    ({"how": "latest", "of0_least": "x"}, "Write a number, as 2 or 0.4."),
    ({"how": "latest", "of0_least": "-1"}, "Write a number of at least 0"),
])  # fmt: skip
def test_what_is_wrong_with_entries_is_told(draft, forrest, sent, says):
    response = send(forrest, draft, **entries(**sent))
    assert response.status_code == 422
    assert any(says in line for line in told(response)), told(response)


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "lacks"),
    [("2026-06-28 22", "Platelets"), ("2026-06-28, 22", "Platelets"), ("2026-06-28;", "Platelets"), ("; 22", "Date")],
)
def test_a_line_that_lacks_a_part_is_told_with_how_one_is_typed(draft, forrest, line, lacks):
    example = {"e0f": ["0"], "e0f0-fact": "platelet_measurements", "e0f0-value": line}
    # Without its name the indication is never read as a whole, which takes seconds.
    lines = [said for said in told(send(forrest, draft, name="", **example)) if said.startswith("Example 1: Entries")]
    typed = "Each line: Date (as 2026-06-30); Platelets (10^9/L), with a semicolon between."
    assert lines == [f"Example 1: Entries, one a line: “{line}” lacks: {lacks}. {typed}"]


# --- Therapies by name, groups, limits --------------------------------------------------------------------------------


@pytest.mark.long
def test_therapies_are_named_by_class_and_by_name(draft, forrest):
    named = {"how": "any", "classes": ["corticosteroids"], "names": "rituximab\nmethotrexate\n",
             "results": ["failed", "declined"], "length": "12", "unit": "weeks"}  # fmt: skip
    sent = {"c": ["0"], "c0t": ["0"], **row("c0t", 0, "tried", **named)}
    response = send(forrest, draft, "add-as-it-is", **sent)
    assert response.status_code == 302, told(response)
    [clause] = [one for one in yaml.safe_load(files(draft)[PATH])["criteria"][0]["clauses"] if one["says"] == ADULT]
    assert clause["require"] == {"tried": {
        "any": ["corticosteroids", "rituximab", "methotrexate"], "results": ["failed", "declined"], "for": "12 weeks",
    }}  # fmt: skip


@pytest.mark.parametrize(("sent", "says"), [
    ({"how": "any"}, "Therapies by name, one a line: Choose a class, or write the name of a therapy."),
    ({"how": "of", "names": "rituximab", "number": ""}, "How many of them, where so many are asked: Write a number."),
    ({"how": "any", "classes": ["<b>"]}, "Select a valid choice"),
])  # fmt: skip
def test_what_is_wrong_with_therapies_is_told(draft, forrest, sent, says):
    page = send(forrest, draft, "add", **{"c": ["0"], "c0t": ["0"], **row("c0t", 0, "tried", unit="weeks", **sent)})
    assert page.status_code == 422
    assert any(says in line for line in told(page)), told(page)


@pytest.mark.long
def test_a_therapy_named_with_its_route_is_told_at_its_criterion(cast, forrest):
    files_of = {**own_pack(), "pack.yaml": own_pack()["pack.yaml"].replace("title:", "language: 2, title:")}
    draft = a_criteria_draft(cast, files=files_of, name="Second edition")
    sent = {"c": ["0"], "c0t": ["0"], **row("c0t", 0, "tried", how="any", unit="weeks", names="oral prednisolone")}
    page = send(forrest, draft, "add", **sent)
    assert any("Criterion 1" in line and "says more than the therapy prednisolone" in line for line in told(page))


@pytest.mark.long
def test_facts_stand_in_groups_once_the_criterion_asks_for_them(draft, forrest):
    assert "c1t0-among" not in send(forrest, draft, "refresh").text
    groups = {"c1-joined": "of_each", "c1t": ["0", "1", "2"], **row("c1t", 2, "severity", how="is", values=["severe"]),
              "c1t0-among": "A", "c1t1-among": "A", "c1t2-among": "B"}  # fmt: skip
    assert "c1t0-among" in send(forrest, draft, "refresh", **groups).text
    assert send(forrest, draft, "add-as-it-is", **groups).status_code == 302
    [clause] = [one for one in yaml.safe_load(files(draft)[PATH])["criteria"][0]["clauses"] if one["says"] == TRIED]
    results = ["failed", "intolerant"]
    either = [{"prior_symptomatic_therapy": results}, {"prior_corticosteroids": results}]
    assert clause["require"] == {"any": either, "severity": "severe"}


@pytest.mark.long
def test_limits_deny_and_count_and_name_a_weight_rule(draft, forrest):
    sent = {"outside": "does_not_meet", "weight": "actual", "courses_renewal": "4", "doses_initial": "10"}
    assert send(forrest, draft, "add-as-it-is", **sent).status_code == 302
    rules = yaml.safe_load(files(draft)[PATH])["criteria"][0]
    assert rules["clauses"][-1]["otherwise"] == "does_not_meet"
    assert rules["dose"]["weight_rule"] == "actual"
    assert [cap["at_most"] for cap in rules["caps"]] == ["6 months", "4 courses", "10 doses"]


# --- Examples of the criteria -----------------------------------------------------------------------------------------


def test_cases_are_offered_and_their_outcomes_are_not(draft, forrest):
    response = send(forrest, draft, "offer", e=["0"], **{**example(0, "", ""), "e0f0-fact": ""})
    page = response.content.decode()
    assert [field(response, f"e{key}-says") for key in range(4)] == [
        "All criteria are met.", f"Not so: {ADULT}", f"Not so: {TRIED}", "Nothing is known.",
    ]  # fmt: skip
    assert [field(response, f"e{key}f0-value") for key in (0, 1)] == ["18", "17"]
    assert not re.search(r'<option value="(meets|does_not_meet)" selected', page.partition('id="examples"')[2])


def criterion(key, does, says, **fields):
    return {f"c{key}-does": does, f"c{key}-says": says, f"c{key}-local": "Ours.", f"c{key}t": ["0"],
            **row(f"c{key}t", 0, **fields)}  # fmt: skip


@pytest.mark.long
def test_a_case_fits_every_criterion_that_names_its_fact(draft, forrest):
    low = {"how": "below", "number": "30"}
    sent = {
        "c": ["0", "1", "2", "3"],
        **criterion(0, "must", "Platelets are below 30.", fact="platelets_10e9_per_l", **low),
        **criterion(1, "against", "Platelets are below 10.", fact="platelets_10e9_per_l", **{**low, "number": "10"}),
        **criterion(2, "must", "It is not mild.", fact="severity", how="is", values=["moderate", "severe", "crisis"]),
        **criterion(3, "must", "It is neither moderate nor mild.", fact="severity", how="is_not",
                    values=["moderate", "mild"]),
        "e": ["0"], **example(0, "", ""), "e0f0-fact": "", "ceiling": "",
    }  # fmt: skip
    response = send(forrest, draft, "offer", **sent)
    cases = [[field(response, f"e{key}f0-value"), chosen(response, f"e{key}f1-value")] for key in range(5)]
    assert cases == [["29", "severe"], ["30", "severe"], ["9", "severe"], ["29", "mild"], ["29", "moderate"]]


def chosen(response, name):
    page = response.content.decode().partition(f'name="{name}"')[2].partition("</select>")[0]
    return re.search(r'<option value="([^"]*)" selected', page)[1]


def test_cases_wait_for_criteria_that_are_whole(draft, forrest):
    response = send(forrest, draft, "offer", **{"c0-does": ""})
    assert response.status_code == 422
    assert any("Choose what it does." in line for line in told(response))


def test_cases_that_stand_already_are_not_filled_in_again(draft, forrest):
    sent = {"e": ["0"], **example(0, "All.", "meets", age_years="18", prior_symptomatic_therapy="failed",
            prior_corticosteroids="failed", dose_total_g_per_kg="2")}  # fmt: skip
    response = send(forrest, draft, "offer", **sent)
    assert [field(response, f"e{key}-says") for key in range(5)] == [
        "All.", f"Not so: {ADULT}", f"Not so: {TRIED}", "Nothing is known.", "",
    ]  # fmt: skip


@pytest.mark.long
def test_a_full_form_says_that_cases_were_left_out(draft, forrest):
    taken = [str(key) for key in range(40)]
    response = send(forrest, draft, "offer", e=taken, **{f"e{key}-says": "Taken." for key in taken[4:]})
    assert any(
        "The form is full. Cases of the criteria that were not filled in: " in line for line in told(response)
    ), told(response)


def test_rows_of_facts_have_a_label_with_their_number(draft, forrest):
    page = forrest.post(address(draft), lems(draft, "refresh")).content.decode()
    row_of = dict(re.findall(r'id="(\w+)"\s+role="group"\s+aria-label="([^"]*)"', page))
    assert (row_of["c1t1"], row_of["e0f2"]) == ("Fact 2 of this criterion", "Fact 3 of this example")
