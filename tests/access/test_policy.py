"""A view says who may use it, or the product does not start; what it says holds."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from django.views import View

from utilization.rules.roles import Permission
from utilization.web.policy import DeclaredPolicy, declared_policy, open_to_all, policy, signed_in


def undeclared(request):
    return HttpResponse("reached")


class Undeclared(View):
    def get(self, request):
        return HttpResponse("reached")


@policy(Permission.AUDIT, Permission.REVIEW)
def for_two(request):
    return HttpResponse("reached")


@signed_in
def for_anybody_signed_in(request):
    return HttpResponse("reached")


@open_to_all
def for_all(request):
    return HttpResponse("reached")


inner = [path("deep/", undeclared)]
urlpatterns = [
    path("declared/", for_two),
    path("undeclared/", undeclared),
    path("class/", Undeclared.as_view()),
    path("inner/", include((inner, "inner"))),
]
HERE = override_settings(ROOT_URLCONF=__name__)


def _ask(view, user):
    request = RequestFactory().get("/")
    request.user = user
    return view(request).content


# --- Declaring ----------------------------------------------------------------------------------------------------


@HERE
def test_the_check_names_every_view_without_a_policy_and_what_to_do():
    faults = [fault for fault in run_checks(tags=["policy"]) if fault.id == "utilization.E001"]
    assert [fault.msg.split(",")[0] for fault in faults] == [
        f"/undeclared/ is served by {__name__}.undeclared",
        f"/class/ is served by {__name__}.Undeclared",
        f"/inner/deep/ is served by {__name__}.undeclared",
    ]
    assert all("@policy(Permission...)" in fault.hint for fault in faults)


def test_every_view_of_the_product_declares_one():
    assert run_checks(tags=["policy"]) == []


@HERE
def test_a_web_server_does_not_start_with_such_a_view():
    with pytest.raises(ImproperlyConfigured, match="/undeclared/ is served by"):
        Client().get("/declared/")


def test_such_a_view_is_refused_should_it_be_reached_all_the_same():
    gate = DeclaredPolicy(lambda request: None)
    request = RequestFactory().get("/")
    with pytest.raises(PermissionDenied):
        gate.process_view(request, undeclared, (), {})
    assert gate.process_view(request, for_all, (), {}) is None


def test_a_policy_names_a_permission():
    with pytest.raises(ValueError, match="Name at least one permission"):
        policy()


def test_something_else_called_policy_declares_nothing():
    def view(request):
        return HttpResponse()

    view.policy = "anyone"
    assert declared_policy(view) is None


# --- Holding ------------------------------------------------------------------------------------------------------


def test_one_of_the_permissions_is_enough_and_none_is_refused(north):
    assert _ask(for_two, north["auditor"]) == b"reached"
    assert _ask(for_two, north["pharmacist"]) == b"reached"
    for who in ("prescriber", "physician_reviewer", "formulary", "administrator"):
        with pytest.raises(PermissionDenied):
            _ask(for_two, north[who])


def test_a_role_that_ended_a_moment_ago_opens_nothing(north):
    person = north["auditor"]
    assert _ask(for_two, person) == b"reached"
    person.memberships.update(ended_at="2026-03-02T09:00:00Z")
    with pytest.raises(PermissionDenied):
        _ask(for_two, person)


def test_a_stranger_reaches_only_what_is_open_to_all(north):
    for view in (for_two, for_anybody_signed_in):
        with pytest.raises(PermissionDenied):
            _ask(view, AnonymousUser())
    assert _ask(for_all, AnonymousUser()) == b"reached"
    assert _ask(for_anybody_signed_in, north["formulary"]) == b"reached"
