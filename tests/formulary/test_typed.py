"""What a draft's file comes to while it is typed: the faults of the text as it stands, of which nothing is kept."""

import pytest
from django.urls import reverse

from tests.cast import AT
from tests.formulary.acts import a_criteria_draft, pack_text
from utilization.limited_process.run import BUSY, Ended
from utilization.models import CriteriaDraft
from utilization.workflow import pack_proof

pytestmark = pytest.mark.django_db
TEXT = pack_text()["cidp.yaml"]
WRONG = TEXT.replace("at_least", "at_leest").replace("otherwise", "otherwize")


@pytest.fixture
def draft(cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return a_criteria_draft(cast, files=pack_text())


def typed(client, draft, text, path="cidp.yaml"):
    return client.post(reverse("formulary-faults", args=[draft.uid]), {"path": path, "text": text})


def test_the_faults_of_a_typed_text_are_told_and_nothing_is_kept(draft, enter):
    answer = typed(enter("forrest"), draft, WRONG)
    assert (answer.status_code, answer["X-Faults"]) == (200, "2")
    assert "It cannot be read yet: 2 faults" in answer.text
    assert answer.text.count("data-line=") == 2
    kept = CriteriaDraft.objects.get(pk=draft.pk)
    assert (kept.files, kept.version) == (pack_text(), draft.version)


def test_a_text_that_reads_has_none_and_is_not_read_here(draft, enter, monkeypatch):
    monkeypatch.setattr(pack_proof, "read_pack", None)
    answer = typed(enter("forrest"), draft, f"{TEXT}\n# typed\n".replace("\n", "\r\n"))
    assert (answer.status_code, answer["X-Faults"], answer.text.strip()) == (200, "0", "")


@pytest.mark.parametrize("path", ["", "elsewhere.yaml", "../cidp.yaml", "cidp.yaml "])
def test_a_file_that_the_draft_does_not_hold_has_no_answer(draft, enter, path):
    assert typed(enter("forrest"), draft, WRONG, path).status_code == 204


def test_while_an_earlier_text_is_read_there_is_no_answer_and_the_person_s_own_check_does_not_wait(
    draft, enter, monkeypatch
):
    asked = []
    # A text that another test had read in this process is not read again.
    CriteriaDraft.objects.filter(pk=draft.pk).update(files={**draft.files, "more.yaml": "# of this test alone\n"})

    def busy(task, job, who):
        asked.append(who)
        raise Ended(BUSY, for_good=False)

    monkeypatch.setattr(pack_proof, "run", busy)
    forrest = enter("forrest")
    assert typed(forrest, draft, f"{WRONG}# other").status_code == 204
    forrest.get(f"{reverse('formulary-file', args=[draft.uid])}?path=cidp.yaml")
    assert asked[0] == f"{asked[-1]}-typed"


def test_a_misspelt_fact_of_an_example_is_marked_at_its_line_though_the_draft_reads(draft, enter):
    wrong = pack_text()["examples.yaml"].replace("age_years: 17", "age_yaers: 17")
    client = enter("forrest")
    answer = typed(client, draft, wrong, "examples.yaml")
    assert answer["X-Faults"] == "1"
    assert 'data-line="3"' in answer.text
    assert "did you mean age_years?" in answer.text
    assert "Facts of worked examples that cannot be read: 1" in answer.text
    assert "cannot be read yet" not in answer.text
    # Nothing of it stands in the way in another file.
    assert typed(client, draft, TEXT)["X-Faults"] == "0"
    CriteriaDraft.objects.filter(pk=draft.pk).update(files={**draft.files, "examples.yaml": wrong})
    editor = client.get(reverse("formulary-file", args=[draft.uid]), {"path": "examples.yaml"})
    assert 'data-line="3"' in editor.text
    assert "It reads" in client.get(reverse("formulary-draft", args=[draft.uid])).text
