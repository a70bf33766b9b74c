"""Filters of a list that a person keeps by name: bounded, their own, and what they say of a list is read anew."""

import pytest
from django.urls import reverse

from tests.cast import a_request
from tests.reviewing.pages import words
from utilization import workflow
from utilization.models import SavedFilter

PAGE = "saved-filters"


@pytest.mark.long
def test_a_filter_is_kept_used_renamed_and_removed(cast, seen_by):
    fern, queue = seen_by("fern"), reverse("review-queue")
    request = a_request(cast)
    offered = fern.get(queue, {"outcome": "meets", "sort": "-grams", "after": "~1"}).content.decode()
    assert "?page=queue&amp;query=outcome%3Dmeets%26sort%3D-grams" in offered
    kept = fern.post(reverse(PAGE), {"page": "queue", "name": " Plain ", "query": "sort=-grams&outcome=meets&after=~1"})
    assert kept.url == f"{queue}?outcome=meets&sort=-grams"
    page = fern.get(kept.url)
    assert b'aria-current="true">Plain' in page.content.replace(b'"\n', b'"')
    assert request.number in words(page)
    saved = SavedFilter.objects.get()
    again = {"page": "queue", "filter": saved.pk}
    assert fern.post(reverse(PAGE), {**again, "name": "Mornings"}).status_code == 302
    assert "Mornings" in words(fern.get(queue))
    assert fern.post(reverse(PAGE), {**again, "remove": "yes"}).status_code == 302
    assert not SavedFilter.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_stays(cast, seen_by):
    fern = seen_by("fern")
    for name in ("", "x" * 61, "a\nb", "hid\u202eden"):
        page = fern.post(reverse(PAGE), {"page": "queue", "name": name, "query": "outcome=meets"})
        assert (page.status_code, b"invalid-feedback" in page.content, b"outcome=meets" in page.content) == (
            422, True, True,
        )  # fmt: skip
    for query in ("words=" + "x" * 1_000, "&".join(f"a{n}=1" for n in range(100)), "a=\0"):
        with pytest.raises(workflow.Invalid):
            workflow.save_filter(by=cast["fern"], page="queue", name="N", query=query)
    for number in range(20):
        workflow.save_filter(by=cast["fern"], page="queue", name=f"N{number}", query="")
    with pytest.raises(workflow.Invalid, match="20 already"):
        workflow.save_filter(by=cast["fern"], page="queue", name="One more", query="")
    workflow.save_filter(by=cast["fern"], page="queue", name="N3", query="outcome=meets")
    assert SavedFilter.objects.get(name="N3").query == "outcome=meets"
    taken = SavedFilter.objects.get(name="N4")
    refused = fern.post(reverse(PAGE), {"page": "queue", "filter": taken.pk, "name": "N3"})
    assert (refused.status_code, "another of yours" in words(refused)) == (422, True)


def test_nobody_sees_or_changes_another_persons(cast, seen_by):
    saved = workflow.save_filter(by=cast["fern"], page="queue", name="Ferns", query="holder=mine")
    felix = seen_by("felix")
    assert "Ferns" not in words(felix.get(reverse("review-queue")))
    felix.post(reverse(PAGE), {"page": "queue", "filter": saved.pk, "remove": "yes"})
    felix.post(reverse(PAGE), {"page": "queue", "filter": saved.pk, "name": "Mine now"})
    assert SavedFilter.objects.get().name == "Ferns"
    audrey = seen_by("audrey")
    audrey.post(reverse(PAGE), {"page": "queue", "name": "Late", "query": "mark=late"})  # the list that she reads
    assert SavedFilter.objects.get(user=cast["audrey"]).page == "audit"
    assert "Late" in words(audrey.get(reverse("audit-list")))
