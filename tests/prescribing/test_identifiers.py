"""What a payer knows prescriber and patient by: typed once, on every page and on paper, and read by no criterion."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, CIDP, a_draft, submitted
from tests.documents.reading import squeezed, squeezed_text
from tests.prescribing.pages import asked, fields, last_page, url, words
from utilization import workflow
from utilization.documents.justification import render
from utilization.models import Request
from utilization.reports.frozen_justification import frozen_value
from utilization.workflow.errors import Invalid

TYPED = {
    "prescriber_number": "NPI 1093817465",
    "payer_name": "Prairie <b>Mutual</b> & Sons",
    "payer_member_number": "PM-88 204 113",
}
SHOWN = ("Prescriber’s number: NPI 1093817465", "Payer: Prairie <b>Mutual</b> & Sons", "Member number: PM-88 204 113")


def renewed(cast, filed, by):
    at = timezone.now()
    return workflow.start_draft(
        by=cast[by], at=at, patient_uid=filed.patient.uid, indication=filed.indication, copy_of=filed.uid,
        request_type="renewal",
    )  # fmt: skip


@pytest.mark.long
def test_they_are_saved_from_the_form_filed_and_shown_to_both_sides_and_on_paper(cast, petra, seen_by):
    now = timezone.now()
    draft = a_draft(cast, at=now)
    page = petra.get(url("request-edit", draft))
    assert set(TYPED) <= asked(page)
    petra.post(url("request-check", draft), fields(page) | TYPED, headers={"hx-request": "true"})
    draft = Request.objects.get(pk=draft.pk)
    assert {name: draft.draft[name] for name in TYPED} == TYPED
    assert fields(petra.get(url("request-edit", draft))).items() >= TYPED.items()
    before = workflow.read_request(draft, now).record
    assert before == workflow.read_request(a_draft(cast, at=now), now).record
    assert all(line in words(last_page(petra, draft)) for line in SHOWN)
    filed = submitted(cast, draft, at=now)
    assert filed.latest.stated.items() >= TYPED.items()
    assert all(line in words(petra.get(url("request-page", filed))) for line in SHOWN)
    case = seen_by("fern").get(reverse("review-case", args=[filed.uid]))
    assert all(line in words(case) for line in SHOWN)
    text = squeezed_text(render(frozen_value(filed)))
    for line in ("Payer Prairie <b>Mutual</b> & Sons", "Member number PM-88 204 113", "Number NPI 1093817465"):
        assert squeezed(line) in text


@pytest.mark.long
def test_nobody_who_typed_none_sees_a_word_of_them(cast, petra):
    filed = submitted(cast, a_draft(cast))
    assert "For the payer" not in words(petra.get(url("request-page", filed)))
    assert not filed.latest.stated.keys() & TYPED.keys()
    assert "Membernumber" not in squeezed_text(render(frozen_value(filed)))


def test_a_renewal_takes_them_over_and_a_colleagues_number_never(cast):
    filed = submitted(cast, a_draft(cast, answers={**CIDP, **TYPED}))
    assert renewed(cast, filed, "petra").draft.items() >= TYPED.items()
    by_another = renewed(cast, filed, "paul").draft
    assert by_another["payer_member_number"] == TYPED["payer_member_number"]
    assert "prescriber_number" not in by_another


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("typed", ["x" * 81, "two\nlines", "a\ttab", "hid\u202eden", "nul\x00", ["a", "list"], 7])
def test_what_is_no_short_line_of_text_is_refused_on_its_field(cast, name, typed):
    draft = a_draft(cast)
    with pytest.raises(Invalid) as refused:
        workflow.save_draft(draft.uid, by=cast["petra"], at=AT + timedelta(hours=1), answers={name: typed})
    assert set(refused.value.errors) == {name}
    assert name not in Request.objects.get(pk=draft.pk).draft
