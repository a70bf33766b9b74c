"""Two colleagues answer one question: who sends last sees what happened, and what they had written."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.walking import look, send
from tests.cast import a_request
from tests.workflow.acts import act
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WRITTEN = "The ward gives it on four days, since the fifth would fall on a Sunday."


@pytest.mark.long
def test_a_late_answer_is_there_to_copy_from(staffed, desk):
    now = timezone.now()
    asked = a_request(staffed, Status.INFORMATION_ASKED, at=now - timedelta(hours=4))
    page = desk("paul", reverse("request-answer", args=[asked.uid]))
    page.get_by_role("textbox", name="Your answer").fill(WRITTEN)
    page.locator("#id_course_days").fill("4")
    act("answer", asked, staffed["petra"], now)
    send(page, "Send the answer")
    expect(page.get_by_role("heading", name="This request changed meanwhile")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Nothing of what you sent was saved")
    expect(page.get_by_label("What you wrote")).to_have_value(WRITTEN)
    expect(page.get_by_role("textbox")).to_have_count(2)
    expect(page.get_by_label("Days of a course")).to_have_value("4")
    look(page)
