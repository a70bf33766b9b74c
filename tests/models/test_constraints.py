"""Every constraint of every table, found by name and broken on purpose; a new one without a line here fails."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from tests.cast import AT, IBM, Cast, a_draft, a_request
from tests.formulary.acts import a_proposal, a_publication
from tests.workflow.acts import act
from utilization.models import (
    Absence,
    AccountAct,
    Appeal,
    Attachment,
    Authorization,
    AuthorizationChange,
    Authorship,
    ClockVersion,
    CriteriaDraft,
    Decision,
    Delivery,
    Department,
    Document,
    DraftEdit,
    Export,
    FirstDose,
    HeldSpecialty,
    ImpactPage,
    ImpactPreview,
    Infusion,
    LogCheck,
    LogHead,
    Membership,
    Message,
    Milestone,
    Note,
    Notice,
    NoticeChoice,
    NumberSeries,
    Opinion,
    OpinionQuestion,
    PackVersion,
    PasswordLetter,
    Patient,
    PatientKey,
    PeerCall,
    Price,
    Publication,
    Question,
    Reminder,
    Request,
    RequestSummary,
    SavedFilter,
    SentForm,
    SignOnLink,
    Site,
    SiteLogo,
    Submission,
    TrainingCopy,
    UncoveredDay,
    UnmetCriterion,
    Unsent,
    User,
    VerbalOrder,
    guards,
)
from utilization.models.decisions import APPEAL, DECISION, DENY, RECOMMENDATION
from utilization.rules.lifecycle import Status


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """A row in each table that has constraints, with the guards lifted: these are to answer alone."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = a_row_of_each()
        guards.lift(connection)
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def rows(made: Cast, db: None):
    """The rows for one test, which undoes what it did to them."""
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


def a_row_of_each() -> Cast:
    cast = Cast()
    a_request(cast, Status.INFORMATION_ASKED)
    a_request(cast, Status.DENIED, indication="ibm", answers=IBM)
    a_request(cast, Status.APPEAL_REVIEW)
    request = a_request(cast, Status.APPROVED)
    Note.objects.create(request=request, at=AT, by=cast["fern"], text="Seen with Ambrose Canary.")
    Message.objects.create(request=request, at=AT, by=cast["fern"], side="pharmacist", to_side="department", text="x")
    Attachment.objects.create(request=request, at=AT, by=cast["fern"], name="x", kind="pdf", size=1, sha256="a")
    Document.objects.create(request=request, value_sha256="a", sha256="b", content=b"c", made_at=AT)
    a_publication(cast)
    Price.objects.create(site=request.site, per_gram=80, currency="USD", at=AT, by=cast["fern"])
    LogCheck.objects.create(asked_by=cast["audrey"], asked_at=AT)
    Export.objects.create(
        site=cast.north, what="requests", form="csv", asked_by=cast["audrey"], asked_at=AT, beat_at=AT
    )
    preview = ImpactPreview.objects.create(
        draft=CriteriaDraft.objects.last(), asked_by=cast["fern"], asked_at=AT, beat_at=AT, history="3"
    )
    ImpactPage.objects.create(preview=preview, group=0, place=0, rows=[])
    SavedFilter.objects.create(user=cast["fern"], page="queue", name="Mine", query="holder=mine")
    SentForm.objects.create(user=cast["fern"], token="a", sha256="b", location="/", at=AT)
    asked = Request.objects.filter(status=Status.INFORMATION_ASKED).get()
    Unsent.objects.create(request=asked, user=cast["petra"], page="answer", typed={"text": "Ambrose"}, updated_at=AT)
    PasswordLetter.objects.create(user=cast["paul"], code_digest="a", asked_by=cast["fern"], asked_at=AT)
    given = Infusion.objects.create(
        request=request, given_on=AT.date(), product="Privigen", grams=30, recorded_at=AT, recorded_by=cast["fern"]
    )
    Milestone.objects.create(request=request, kind="30", at=AT)
    AuthorizationChange.objects.create(
        request=request, kind="discontinued", from_day=AT.date(), reason="wish", at=AT, by=cast["petra"]
    )
    again(Infusion, uid=uuid4(), corrects=given, reason="Misread.")
    SignOnLink.objects.create(
        user=cast["paul"], issuer="https://id.example", subject="s-1", linked_at=AT, linked_by=cast["paul"]
    )
    NoticeChoice.objects.create(user=cast["fern"], kind="changed", way="none")
    Delivery.objects.create(
        recipient=cast["fern"], state="waiting", made_at=AT, next_try=AT, gives_up_at=AT + timedelta(days=3)
    )
    ClockVersion.objects.create(site=cast.south, since=AT.date(), rules={}, at=AT, by=cast["adam"])
    Reminder.objects.create(request=asked, kind="chased", about=AT, at=AT)
    HeldSpecialty.objects.create(user=cast["max"], site=cast.north, specialty="neurology", started_at=AT)
    advice = {"request": request, "asked_at": AT, "asked_by": cast["fern"], "specialty": "neurology", "text": "x"}
    question = OpinionQuestion.objects.create(**advice)
    Opinion.objects.create(
        question=question, request=request, submission=request.latest, order={}, at=AT, by=cast["max"], name="n",
        leaning="approval", text="x",
    )  # fmt: skip
    PeerCall.objects.create(request=request, offered_at=AT, offered_by=cast["fern"], times=[], place="x")
    Absence.objects.create(
        site=cast.north, person=cast["fern"], first_day=AT.date(), last_day=AT.date(), begins_at=AT,
        ends_at=AT + timedelta(hours=9), entered_at=AT, entered_by=cast["fern"],
    )  # fmt: skip
    SiteLogo.objects.create(site=cast.north, sha256="a", width=1, height=1, content=b"c", at=AT, by=cast["adam"])
    UncoveredDay.objects.create(site=cast.north, role="pharmacist", day=AT.date(), at=AT)
    act("take_order", act("treat", asked, cast["petra"], AT), cast["petra"], AT)
    return cast


def again(model, **changes):
    """The newest row of `model` once more, with `changes`."""
    row = model.objects.order_by("pk").last()
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def change(model, **changes):
    """A condition on the whole table that the database refuses."""
    newest = model.objects.order_by("pk").last()
    model.objects.filter(pk=newest.pk).update(**changes)


def of(start, **changes):
    """`changes` on a request that stands at `start`."""

    def breaking(cast):
        made = a_request(cast, start)
        Request.objects.filter(pk=made.pk).update(**changes)

    return breaking


def a_proposed(cast):
    """Another proposal, so that only the constraint in question stands in the way."""
    return a_proposal(cast, version="3", day=AT.date() + timedelta(days=9))


BROKEN = {
    "fewest_patients_known": lambda cast: change(Site, fewest_patients=10),
    "claim_lapses_within_days": lambda cast: change(Site, claim_hours=0),
    "saved_filter_name_once": lambda cast: again(SavedFilter),
    "saved_filter_page_known": lambda cast: change(SavedFilter, page="home"),
    "report_year_starts_with_a_month": lambda cast: change(Site, report_year_starts=13),
    "appeal_days_within_a_year": lambda cast: change(Site, appeal_days=0),
    "logo_has_a_size": lambda cast: change(SiteLogo, width=0),
    "department_once_a_site": lambda cast: again(Department),
    "role_held_once_a_site": lambda cast: again(Membership),
    "membership_role_known": lambda cast: change(Membership, role="wizard"),
    "prescriber_has_department": lambda cast: Membership.objects.filter(role="prescriber").update(department=None),
    "mrn_once_a_site": lambda cast: again(Patient, uid="0" * 32),
    "patient_sex_known": lambda cast: change(Patient, sex="x"),
    "patient_not_merged_into_itself": lambda cast: change(Patient, merged_into=cast.patient),
    "correction_has_author_and_time": lambda cast: change(Patient, corrected_at=AT),
    "patient_key_once": lambda cast: again(PatientKey),
    "weight_has_its_date": lambda cast: change(Patient, measured_on=None),
    "attachment_kind_known": lambda cast: change(Attachment, kind="exe"),
    "attachment_holds_something": lambda cast: change(Attachment, size=0),
    "removed_attachment_says_when_and_by_whom": lambda cast: change(Attachment, removed_at=AT),
    "message_sides_known": lambda cast: change(Message, side="nobody"),
    "message_goes_to_another_side": lambda cast: change(Message, to_side="pharmacist"),
    "message_says_something": lambda cast: change(Message, text=""),
    "one_clock_from_a_day": lambda cast: again(ClockVersion),
    "reminded_once": lambda cast: again(Reminder),
    "reminder_kind_known": lambda cast: change(Reminder, kind="nagged"),
    "request_clock_known": of(Status.PHARMACIST_REVIEW, clock_counts="moons"),
    "request_status_known": of(Status.PHARMACIST_REVIEW, status="lost"),
    "filed_request_is_numbered": of(Status.PHARMACIST_REVIEW, number=None),
    "holder_since": of(Status.PHARMACIST_REVIEW, held_at=AT),
    "held_in_review": lambda cast: of(Status.APPROVED, holder=cast["fern"], held_at=AT)(cast),
    "review_has_a_clock": of(Status.PHYSICIAN_REVIEW, due_at=None),
    "asked_clock_stands_still": of(Status.INFORMATION_ASKED, clock_left=None),
    "ended_request_says_when_and_by_whom": of(Status.DENIED, ended_by=None),
    "withdrawal_has_a_reason": of(Status.WITHDRAWN, withdrawal_reason=""),
    "referral_has_author_time_and_reason": of(Status.PHYSICIAN_REVIEW, referred_at=AT),
    "emergency_has_a_reason": of(Status.DRAFT, emergency=True),
    "one_number_series_a_site_and_year": lambda cast: again(NumberSeries),
    "pack_kept_once": lambda cast: again(PackVersion),
    "submission_ordinal_once": lambda cast: again(Submission),
    "author_once_a_request": lambda cast: again(Authorship),
    "answer_has_author_and_time": lambda cast: change(Question, answered_at=AT),
    "one_open_question_a_request": lambda cast: again(Question),
    "one_decision_a_request": lambda cast: again(Decision),
    "one_recommendation_a_submission": lambda cast: [again(Decision, kind=RECOMMENDATION) for _ in range(2)],
    "decision_kind_known": lambda cast: change(Decision, kind="whim"),
    "decision_choice_known": lambda cast: change(Decision, choice="maybe"),
    "physician_denies_with_a_reason": lambda cast: change(Decision, kind=DECISION, choice=DENY, reason="No."),
    "appeal_is_decided_once": lambda cast: [
        again(Decision, kind=APPEAL, signed_role="physician_reviewer", reason="No.") for _ in range(2)
    ],
    "physician_decides_an_appeal_with_a_reason": lambda cast: change(Decision, kind=APPEAL, reason=""),
    "specialty_held_once_a_site": lambda cast: again(HeldSpecialty),
    "held_specialty_known": lambda cast: change(HeldSpecialty, specialty="alchemy"),
    "one_open_opinion_a_specialty": lambda cast: again(OpinionQuestion, uid=uuid4()),
    "opinion_specialty_known": lambda cast: change(OpinionQuestion, specialty="alchemy"),
    "opinion_question_says_something": lambda cast: change(OpinionQuestion, text=""),
    "opinion_question_closed_says_how": lambda cast: change(OpinionQuestion, closed_at=AT),
    "opinion_leaning_known": lambda cast: change(Opinion, leaning="maybe"),
    "opinion_says_something": lambda cast: change(Opinion, text=""),
    "undecided_opinion_says_what_is_missing": lambda cast: change(Opinion, leaning="neither"),
    "one_open_call_a_request": lambda cast: again(PeerCall, uid=uuid4()),
    "call_has_a_place": lambda cast: change(PeerCall, place=""),
    "booked_call_says_by_whom": lambda cast: change(PeerCall, booked_for=AT),
    "closed_call_says_how": lambda cast: change(PeerCall, closed_at=AT),
    "held_call_has_an_outcome": lambda cast: change(PeerCall, outcome="stands"),
    "declined_call_says_why": lambda cast: change(
        PeerCall, closed_at=AT, closed_by=cast["petra"], closed_as="declined"
    ),
    "appeal_has_grounds": lambda cast: change(Appeal, grounds=""),
    "authorization_dates_ordered": lambda cast: change(Authorization, valid_to=AT.date() - timedelta(days=9)),
    "voided_authorization_says_why": lambda cast: change(Authorization, voided_because="death"),
    "authorization_allows_a_course": lambda cast: change(Authorization, courses=0),
    "told_once_of_an_entry": lambda cast: again(Notice),
    "delivery_sent_or_not": lambda cast: change(Delivery, state="sent"),
    "notice_choice_once_a_kind": lambda cast: again(NoticeChoice),
    "notice_way_known": lambda cast: change(NoticeChoice, way="pigeon"),
    "authorization_change_is_whole": lambda cast: change(AuthorizationChange, reason=""),
    "authorization_ends_once": lambda cast: again(AuthorizationChange),
    "request_changes_what_it_was_begun_from": lambda cast: change(Request, changes="whim"),
    "absence_days_ordered": lambda cast: change(Absence, last_day=AT.date() - timedelta(days=1)),
    "absence_ends_after_it_begins": lambda cast: change(Absence, ends_at=AT - timedelta(hours=1)),
    "nobody_covers_themselves": lambda cast: change(Absence, cover=cast["fern"]),
    "early_end_has_author_and_time": lambda cast: change(Absence, ended_at=AT),
    "uncovered_told_once_a_day": lambda cast: again(UncoveredDay),
    "milestone_once": lambda cast: again(Milestone),
    "bridging_dose_has_its_renewal": lambda cast: change(Milestone, kind="bridged"),
    "first_dose_is_reviewed_within_a_week": lambda cast: change(Site, review_after_hours=169),
    "verbal_order_is_confirmed_within_a_week": lambda cast: change(Site, confirm_order_hours=0),
    "first_dose_above_zero": lambda cast: change(FirstDose, grams=0),
    "first_dose_has_its_ground": lambda cast: change(FirstDose, reason=""),
    "first_dose_times_ordered": lambda cast: change(FirstDose, until=AT),
    "verbal_order_is_another_persons": lambda cast: change(VerbalOrder, ordered_by=F("taken_by")),
    "verbal_order_stand_in_is_a_third": lambda cast: change(VerbalOrder, stand_in=cast["rosa"], stand_in_name="Rosa"),
    "verbal_order_answer_is_whole": lambda cast: change(VerbalOrder, answer="confirmed"),
    "infusion_above_zero": lambda cast: change(Infusion, grams=0),
    "infusion_corrected_once": lambda cast: again(Infusion, uid=uuid4()),
    "correction_of_infusion_has_a_reason": lambda cast: change(Infusion, reason=""),
    "summary_decided_or_not": lambda cast: RequestSummary.objects.exclude(choice="").update(outcome_decided=""),
    "summary_kind_known": lambda cast: change(RequestSummary, kind="whim"),
    "summary_appeal_known": lambda cast: change(RequestSummary, appeal="lost"),
    "unmet_criterion_once": lambda cast: again(UnmetCriterion),
    "unmet_criterion_when_known": lambda cast: change(UnmetCriterion, at="never"),
    "one_document_a_value": lambda cast: again(Document),
    "proven_document_is_in_the_log": lambda cast: change(Document, has_proof=True),
    "criteria_draft_status_known": lambda cast: change(CriteriaDraft, status="lost"),
    "proposal_says_what_when_why_and_by_whom": lambda cast: change(CriteriaDraft, reason=""),
    "draft_sent_back_with_a_reason": lambda cast: change(CriteriaDraft, returned_at=AT),
    "editor_once_a_draft": lambda cast: again(DraftEdit),
    "one_version_effective_a_day": lambda cast: again(Publication, uid=uuid4(), ordinal=2, draft=a_proposed(cast)),
    "publication_ordinal_once": lambda cast: again(
        Publication, uid=uuid4(), effective_from=AT.date() + timedelta(days=9), draft=a_proposed(cast)
    ),
    "second_signature_is_another_person": lambda cast: change(Publication, signed_by=cast["forrest"]),
    "publication_has_a_reason": lambda cast: change(Publication, reason=""),
    "price_above_zero": lambda cast: change(Price, per_gram=0),
    "one_preview_of_a_text_and_history": lambda cast: again(ImpactPreview),
    "preview_state_known": lambda cast: change(ImpactPreview, status="lost"),
    "ended_preview_says_when": lambda cast: change(ImpactPreview, ended_at=AT),
    "one_log_check_waits": lambda cast: again(LogCheck),
    "log_check_state_known": lambda cast: change(LogCheck, status="lost"),
    "ended_log_check_says_when": lambda cast: change(LogCheck, ended_at=AT),
    "export_state_known": lambda cast: change(Export, status="lost"),
    "ended_export_says_when": lambda cast: change(Export, ended_at=AT),
    "identified_export_has_a_reason": lambda cast: change(Export, identified=True),
    "done_export_has_a_file": lambda cast: change(Export, status="done", ended_at=AT),
    "impact_page_once": lambda cast: again(ImpactPage),
    "form_sent_once": lambda cast: again(SentForm),
    "unsent_once_a_page": lambda cast: again(Unsent),
    "account_act_known": lambda cast: change(AccountAct, kind="whim"),
    "nobody_acts_on_their_own_account": lambda cast: AccountAct.objects.update(by=F("user")),
    "letter_of_two_people": lambda cast: change(PasswordLetter, printed_by=cast["fern"], printed_at=AT),
    "identity_linked_once": lambda cast: again(SignOnLink, user=cast["fern"]),
    "one_training_copy": lambda cast: TrainingCopy.objects.create(pk=2, made_at=AT, backed_up_at=AT),
    "one_log_head": lambda cast: LogHead.objects.create(pk=2),
}


# What breaks one breaks the other as well, and each database names the one that it looks at first.
ALSO_BROKEN = {
    "preview_state_known": "ended_preview_says_when",
    "log_check_state_known": "ended_log_check_says_when",
    "export_state_known": "ended_export_says_when",
}


def constraints():
    return {c.name: c for model in tables() for c in model._meta.constraints}


def constraint_model(name):
    return next(model for model in tables() if name in {c.name for c in model._meta.constraints})


def tables():
    return list(apps.get_app_config("utilization").get_models())


def test_every_constraint_is_broken_here():
    assert set(BROKEN) == set(constraints())


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(rows: Cast, name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name](rows)
    said, constraint = str(refused.value), constraints()[name]
    if isinstance(constraint, models.UniqueConstraint) and "UNIQUE constraint failed" in said:
        # SQLite names a unique constraint by its columns.
        columns = {part.split(".")[-1] for part in said.removeprefix("UNIQUE constraint failed: ").split(", ")}
        assert columns == {constraint_model(name)._meta.get_field(field).column for field in constraint.fields}
    else:
        assert name in said or ALSO_BROKEN.get(name, name) in said


def test_a_discarded_draft_has_no_number_to_explain(rows: Cast):
    assert a_draft(rows).number is None


def test_no_row_names_the_patient(rows: Cast):
    """What a row calls itself lands in logs and error pages."""
    named = [str(row) for model in tables() for row in model._default_manager.all()]
    assert len(named) > 20
    assert not [name for name in named if "Ambrose" in name or "N-1001" in name]


def test_a_person_is_called_by_name_and_credential():
    person = User(username="nn", full_name="Noor Name", title="MD")
    assert (str(person), person.get_full_name(), person.get_short_name()) == ("Noor Name", "Noor Name", "Noor")
    assert person.signature_name == "Noor Name, MD"
    assert User(username="nn", full_name="Noor Name").signature_name == "Noor Name"
    assert str(User(username="nn")) == "nn"
