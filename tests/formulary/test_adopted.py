"""Criteria that a committee adopted say who adopted them and when, and disown themselves nowhere."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import AT, IBM, a_request
from tests.documents.samples import cidp_approved
from tests.formulary.acts import TODAY, a_publication
from tests.prescribing.pages import words
from utilization import criteria
from utilization.documents.justification import page as printed
from utilization.reports.frozen_justification import frozen_value

DISOWNED = "not a site’s adopted policy"
ON_PAPER = "no committee has adopted it"


def signed_in(cast, who):
    client = Client()
    client.force_login(cast[who])
    return client


@pytest.mark.long
def test_a_page_of_a_site_that_adopted_its_criteria_says_so_instead(cast):
    page = signed_in(cast, "petra").get(reverse("evidence-list"))
    assert DISOWNED in words(page, "//footer")
    published = a_publication(cast)
    for who, name in (("petra", "evidence-list"), ("petra", "home"), ("audrey", "audit-list")):
        footer = words(signed_in(cast, who).get(reverse(name)), "//footer")
        assert "North Hospital adopted the criteria that judge here." in footer
        assert DISOWNED not in footer
    standing = words(signed_in(cast, "petra").get(reverse("evidence-list")))
    assert f"proposed by {published.proposed_name} and signed by {published.signed_name}" in standing
    assert "North Hospital has adopted these criteria" in standing
    # Another site, which adopted nothing, still says so.
    assert DISOWNED in words(signed_in(cast, "sam").get(reverse("home")), "//footer")


def test_the_public_check_of_a_site_says_it_too(cast):
    type(cast.north).objects.filter(pk=cast.north.pk).update(public_check=True)
    where = reverse("public-start", args=["north"])
    assert DISOWNED in words(Client().get(where), "//footer")
    a_publication(cast)
    assert "North Hospital adopted the criteria" in words(Client().get(where), "//footer")


def test_the_page_of_a_version_says_who_adopted_it_before_what_its_text_says(cast):
    published = a_publication(cast)
    text = words(signed_in(cast, "forrest").get(reverse("formulary-version", args=[f"version.{published.uid}"])))
    assert f"Adopted by North Hospital, {published.signed_at:%-d %b %Y}" in text


def test_the_justification_names_who_adopted_the_criteria_and_when(cast):
    before = a_request(cast, indication="cidp")
    assert "adopted" not in frozen_value(before)["pack"]
    assert ON_PAPER in printed(frozen_value(before)).replace("\n", " ")
    published = a_publication(cast)
    after = a_request(cast, indication="some_disease", answers=IBM, at=AT)
    value = frozen_value(after)
    assert value["pack"]["adopted"]["signed_by"] == published.signed_name
    paper = printed(value)
    assert "The criteria were adopted by North Hospital" in paper
    assert f"in force from {TODAY:%-d %b %Y}" in paper
    assert ON_PAPER not in paper
    # What was judged before they were in force keeps what was so then.
    assert "adopted" not in frozen_value(before)["pack"]


def test_a_pack_of_the_same_name_as_the_built_in_one_is_adopted_where_it_was_published():
    value = cidp_approved()
    assert ON_PAPER in printed(value)
    value["pack"]["adopted"] = {
        "site": "North Hospital", "proposed_by": "Forrest Formulary, PharmD", "signed_by": "Frida Formulary, MD",
        "at": {"utc": "2026-11-01T10:00:00Z", "local": "2026-11-01T11:00", "zone": "CET"}, "valid_from": "2026-11-02",
    }  # fmt: skip
    assert value["pack"]["name"] == criteria.builtin_pack().name
    assert ON_PAPER not in printed(value)
    assert "1 Nov 2026, 11:00 CET, in force from 2 Nov 2026" in printed(value)


def test_what_takes_effect_later_is_not_adopted_yet(cast):
    a_publication(cast, day=TODAY + timedelta(days=30000))
    assert DISOWNED in words(signed_in(cast, "petra").get(reverse("home")), "//footer")
