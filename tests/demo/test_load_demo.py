"""The demo shows every state, tells nothing of the future, and exists in demo mode only."""

from collections import Counter
from datetime import timedelta

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from tests.documents.judges import needs_jdk, outloud, vera
from tests.naive_summary import summary_differences
from utilization import criteria, event_log, workflow
from utilization.authorization_terms import as_given, infusions_of, terms_of
from utilization.documents.justification import render
from utilization.jobs.impact_preview import work_out
from utilization.management import demo
from utilization.models import (
    Authorization,
    CriteriaDraft,
    Decision,
    Event,
    HeldSpecialty,
    ImpactPreview,
    Infusion,
    Membership,
    Request,
    Site,
    Submission,
    User,
)
from utilization.models.decisions import DECISION, RECOMMENDATION
from utilization.reconciliation import reconcile
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.site_setup import site_setup
from utilization.rules.authorization.use import use_of
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.workflow.impact_question import ask_preview
from utilization.workflow.pack_proof import proof


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo, loaded once for the tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO_DATA=True):
        call_command("load_demo", years=1, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("loaded")
class TestTheDemo:
    """The demo as it stands once loaded."""

    @pytest.mark.long
    def test_every_summary_is_what_the_slow_way_gives(self):
        assert summary_differences() == []

    @pytest.mark.long
    def test_every_status_and_every_outcome_is_there(self):
        assert set(Request.objects.values_list("status", flat=True)) == {status.value for status in Status}
        assert set(Request.objects.exclude(outcome="").values_list("outcome", flat=True)) == {
            "meets",
            "does_not_meet",
            "exception_review",
            "needs_information",
        }

    def test_about_sixty_requests_over_a_year_at_two_sites(self):
        counted = Counter(Request.objects.values_list("site__code", flat=True))
        assert len(counted) == 2
        assert 55 <= sum(counted.values()) <= 70
        assert min(counted.values()) >= 15
        oldest = Request.objects.order_by("created_at").first().created_at
        assert timedelta(days=300) < timezone.now() - oldest < timedelta(days=366)

    def test_every_indication_of_the_pack_is_asked_for(self):
        asked = set(Request.objects.values_list("indication", flat=True)) | set(
            Request.objects.values_list("judged_as", flat=True)
        )
        assert set(criteria.builtin_pack().indications) <= asked
        assert asked & set(criteria.builtin_pack().not_covered), "one that no source covers is shown too"

    def test_every_role_is_held_at_both_sites_and_prescribers_work_in_two_departments(self):
        for site in Site.objects.all():
            held = Membership.objects.filter(site=site, ended_at=None)
            assert set(held.values_list("role", flat=True)) == {role.value for role in Role}
            assert held.filter(role=Role.PRESCRIBER).values("department").distinct().count() == 2

    def test_the_queue_has_late_urgent_held_and_free_requests(self):
        now = timezone.now()
        waiting = Request.objects.filter(status__in=["pharmacist_review", "physician_review"])
        assert waiting.filter(due_at__lt=now).exists()
        assert waiting.filter(due_at__gt=now, due_at__lt=now + timedelta(hours=6)).exists()
        assert waiting.filter(holder__isnull=False).exists()
        assert waiting.filter(holder=None).exists()
        assert waiting.filter(expedited=True).exists()
        assert waiting.filter(emergency=True).exists()

    def test_decisions_of_each_kind_are_there(self):
        decided = Decision.objects.filter(kind=DECISION)
        assert decided.filter(choice="approve", order__isnull=False).exists(), "approved with changes"
        assert decided.filter(choice="approve", order__isnull=True).exists()
        assert decided.filter(choice="deny").values("reason_code").distinct().count() >= 3
        assert {"approve", "deny"} == set(Decision.objects.filter(kind=RECOMMENDATION).values_list("choice", flat=True))
        assert Submission.objects.filter(ordinal=2).exclude(changes=[]).exists(), "answered with corrected facts"
        assert Request.objects.filter(notes__isnull=False).exists()
        assert Request.objects.filter(referred_at__isnull=False).exists()

    def test_authorizations_are_live_expired_and_void(self):
        today = timezone.now().date()
        assert {held.state(today) for held in Authorization.objects.all()} == {"live", "expired", "void"}

    def test_courses_are_recorded_whole_within_their_terms_one_is_overdue_and_reactions_are_told(self):
        given = Infusion.objects.all()
        assert set(given.values_list("request__site__code", flat=True)) == {"alder", "fenwick"}
        assert all(row.outside == [] for row in given)
        held = Authorization.objects.filter(request__in=given.values("request"))
        use = {row.patient.mrn: use_of(terms_of(row), as_given(infusions_of(row.request))) for row in held}
        assert {each.under_way for each in use.values()} == {None}
        assert use["A-210933"].next_due < timezone.localdate() - timedelta(days=14)
        # Five courses of two days at 1 g/kg, as requests.yaml tells.
        assert (use["0071-338"].courses_begun, given.filter(request__patient__mrn="0071-338").count()) == (5, 10)
        told = {reaction["seriousness"] for row in given for reaction in row.reactions}
        assert told == {"serious", "not_serious"}

    def test_the_clock_of_each_hospital_is_the_one_that_holds_where_none_is_set(self):
        for site in Site.objects.all():
            [version] = site.clock_versions.all()
            assert {name: version.rules[name] for name in ("standard", "expedited")} == {
                "standard": {"counts": "hours", "amount": 72, "lead": 24, "asked": 48},
                "expedited": {"counts": "hours", "amount": 24, "lead": 6, "asked": 12},
            }
            assert version.since >= site.date_at(timezone.now() - timedelta(hours=1))
            # No committee has published in a year that is told alone.
            assert [step.what for step in site_setup(site, timezone.now()).steps if step.missing] == ["Criteria"]

    def test_the_log_is_whole_runs_forward_and_tells_nothing_of_the_future(self):
        assert event_log.verify().problems == ()
        assert reconcile().problems == ()
        moments = list(Event.objects.order_by("seq").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] <= timezone.now()

    def test_every_stored_judgement_comes_out_the_same_again(self):
        for submission in Submission.objects.select_related("pack", "request"):
            again = criteria.judged_again(submission, emergency=submission.request.emergency)
            assert again == submission.judgement, submission

    def test_the_shown_password_signs(self):
        request = Request.objects.filter(status="pharmacist_review", outcome="meets", holder=None).first()
        pharmacist = User.objects.filter(memberships__site=request.site, memberships__role=Role.PHARMACIST).first()
        at = timezone.now()
        proved = workflow.prove(pharmacist, settings.DEMO_PASSWORD, at=at)
        approved = workflow.approve(request.uid, by=pharmacist, at=at, version=request.version, presence=proved)
        assert approved.status == Status.APPROVED

    @needs_jdk
    @pytest.mark.judges
    def test_the_longest_justification_of_each_status_passes_the_judges_from_outside(self, tmp_path):
        values = {}
        for request in Request.objects.exclude(submitted_at=None).order_by("pk"):
            value = frozen_value(request)
            values[request.status] = max(values.get(request.status, value), value, key=lambda each: len(str(each)))
        assert {"approved", "denied", "withdrawn", "information_asked"} <= values.keys()
        for status, value in values.items():
            (tmp_path / f"{status}.pdf").write_bytes(render(value))
        pdfs = sorted(tmp_path.iterdir())
        assert vera(pdfs) == outloud(pdfs) == {f"{status}.pdf": set() for status in values}

    @pytest.mark.long
    def test_a_draft_of_the_committee_can_be_proposed_and_changes_outcomes(self):
        draft = CriteriaDraft.objects.get(site__code="alder")
        assert not proof(draft.files, timezone.localdate()).faults
        preview, _ = ask_preview(draft.uid, by=draft.author, at=timezone.now())
        work_out.call(preview.pk)
        findings = ImpactPreview.objects.get(pk=preview.pk).findings
        assert [(group["indication"], group["was"], group["becomes"]) for group in findings["groups"]] == [
            ("cidp", "meets", "exception_review")
        ]
        assert findings["changed"] >= 3

    def test_the_public_check_is_open_at_one_hospital_and_closed_at_the_other(self):
        assert set(Site.objects.values_list("code", "public_check")) == {("alder", True), ("fenwick", False)}

    def test_loading_again_changes_nothing(self):
        before = (Request.objects.count(), User.objects.count(), Event.objects.count())
        with override_settings(DEMO_DATA=True):
            call_command("load_demo", years=1, verbosity=0)
        assert (Request.objects.count(), User.objects.count(), Event.objects.count()) == before

    def test_the_sign_in_page_offers_the_people_who_exist(self):
        told = yaml.safe_load((settings.FIXTURES_DIR / "demo" / "people.yaml").read_text(encoding="utf-8"))["people"]
        assert {person["username"] for person in told} == set(User.objects.values_list("username", flat=True))

    def test_each_hospital_has_whom_to_ask_for_an_opinion_and_whom_to_call(self):
        asked = HeldSpecialty.objects.filter(ended_at=None).values_list("site__code", "user__username", "specialty")
        assert {("alder", "abara", "neurology"), ("fenwick", "anand", "neurology")} <= set(asked)
        assert all(site.on_call_name and site.on_call_phone for site in Site.objects.all())


@pytest.mark.django_db
@override_settings(DEMO_DATA=False)
def test_outside_of_demo_mode_it_refuses_and_makes_nothing():
    with pytest.raises(CommandError, match="public password"):
        call_command("load_demo")
    assert not User.objects.exists()


@pytest.mark.long
@pytest.mark.django_db
def test_a_story_that_the_door_refuses_names_itself_and_leaves_nothing():
    told = demo.read(settings.FIXTURES_DIR / "demo")
    broken = {**told.requests[0], "then": [{"after": "5m", "do": "withdraw", "reason": "Nothing was filed."}]}
    with pytest.raises(workflow.Refused) as refused:
        demo.load(
            demo.Demo(told.sites, told.people, told.patients[:1], told.answers, (broken,)),
            now=timezone.now(),
            password="a password for the tests alone",
        )
    assert "A-204117" in refused.value.__notes__[0]
    assert not Site.objects.exists()
