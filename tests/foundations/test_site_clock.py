"""Times are shown in the zone of the site where a person works."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from tests.cast import Cast
from utilization.web.middleware import SiteClock

pytestmark = pytest.mark.django_db


def zone_seen_by(user):
    request = RequestFactory().get("/")
    request.user = user
    seen = []

    def page(_):
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    SiteClock(page)(request)
    return seen[0]


def test_each_person_sees_their_sites_clock_and_nobody_anothers():
    cast = Cast()
    assert zone_seen_by(cast["fern"]) == "Europe/Vienna"
    assert zone_seen_by(cast["sue"]) == "America/Chicago"
    assert zone_seen_by(AnonymousUser()) == "UTC"
    assert timezone.get_current_timezone_name() == "UTC"
