"""Who a person is at the hospital's identity provider, and a sign-in there a moment ago as proof of presence.

The link is made by an invitation, or by a subject that an administrator entered; never by an e-mail address, which
says who somebody may be and not who they are. Nobody signs up: an identity without a link opens nothing.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from utilization import sign_in_log
from utilization.models import SignOnLink, User
from utilization.rules.account_owner import AccountDeed
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_confirmation import note_deed
from utilization.workflow.account_log import account_event
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.password_letter import needs_code
from utilization.workflow.people import remove_sign_on, whole_account
from utilization.workflow.presence import Presence, sealed
from utilization.workflow.sessions import end_sessions
from utilization.workflow.text_input import clean_text

SSO = "sso"
FRESH = timedelta(minutes=2)
"""How long ago a person may have typed their password at the provider, when they come back from there."""
WINDOW = timedelta(minutes=5)
"""How long the session in which they came back may sign afterwards."""
CLOCKS = timedelta(minutes=1)
"""By how much the provider's clock may be ahead."""
LONGEST_SUBJECT = 255


def person_of(issuer: str, subject: str) -> User | None:
    """The person who is `subject` at `issuer`, whether their account is open or not; None for a stranger."""
    link = SignOnLink.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    return link.user if link else None


def has_link(person: User) -> bool:
    """Whether `person` signs in by single sign-on."""
    return SignOnLink.objects.filter(user_id=person.pk).exists()


def link_by_invitation(person: User, issuer: str, subject: str, *, at: datetime) -> None:
    """Link `person`, who came by their own one-time link, to who they are at the provider.

    Raises Refused, also for a link on paper: whoever printed it knows the address, and the code opens no link here.
    """
    if needs_code(person):
        raise Refused("Your link came by a letter. Choose a password with its code, and ask to be linked after that.")
    _link(person, issuer, subject, by=person, at=at, how="invitation")


@transaction.atomic
def enter_subject(person: User, issuer: str, subject: object, *, by: User, at: datetime) -> None:
    """Link `person` to the subject that an administrator `by` entered. Raises as `reset_password` does, and Invalid."""
    named = clean_text("subject", subject, required="Enter the subject.", most=LONGEST_SUBJECT, one_line=True)
    person = whole_account(person, by)
    try:
        _link(person, issuer, named, by=by, at=at, how="entered")
    except Refused as refused:
        raise Invalid({"subject": [refused.why]}) from None


@transaction.atomic
def unlink(person: User, *, by: User, at: datetime) -> None:
    """Part `person` from who they are at the provider. Raises as `reset_password` does."""
    person = whole_account(person, by)
    remove_sign_on(person, by, at)


def _link(person: User, issuer: str, subject: str, *, by: User, at: datetime, how: str) -> None:
    try:
        with transaction.atomic():
            if SignOnLink.objects.filter(user=person).delete()[0]:
                end_sessions(person)
            SignOnLink.objects.create(user=person, issuer=issuer, subject=subject, linked_at=at, linked_by=by)
            said: dict[str, object] = {"issuer": issuer, "subject": subject, "how": how}
            if by.pk != person.pk:
                # Whoever enters an identity may enter one of their own: somebody else confirms who has the account.
                note_deed(person, AccountDeed.LINKED, by=by, at=at)
                said["account"] = [AccountDeed.LINKED.value]
            account_event("sign_on.linked", person, by, at, said)
            sign_in_log.note(SignInKind.SIGN_ON_LINKED, user=person, by=by, at=at, detail=how)
    except IntegrityError:
        raise Refused("Somebody else is linked to this account of the identity provider already.") from None


def check_fresh(person: User, issuer: str, subject: str, auth_time: datetime | None, *, at: datetime) -> None:
    """Check that `person` themselves typed their password at the provider just now. Raises Refused.

    By `auth_time` alone: when the token was made (`iat`) says nothing of who sits at the screen.
    """
    known = person_of(issuer, subject)
    if known is None or known.pk != person.pk:
        raise Refused("You signed in there as somebody else than here. Nothing can be signed so.")
    if auth_time is None:
        raise Refused("The identity provider did not say when you signed in, so it proves nothing. Tell who runs it.")
    if not -CLOCKS <= at - auth_time <= FRESH:
        raise Refused("The identity provider did not ask you for your password just now. Confirm again.")


def prove_by_sign_on(
    by: User, issuer: str, subject: str, auth_time: datetime, confirmed_at: datetime, *, at: datetime
) -> Presence:
    """Proof of presence by a sign-in that `check_fresh` found fresh at `confirmed_at`, in this session.

    Raises Invalid on password once the window to sign is over, or the link is.
    """
    known = person_of(issuer, subject)
    if known is None or known.pk != by.pk or not timedelta(0) <= at - confirmed_at <= WINDOW:
        raise Invalid({"password": ["Nothing was signed: confirm again that it is you."]})
    return sealed(by, at, SSO, {"issuer": issuer, "subject": subject, "auth_time": auth_time})
