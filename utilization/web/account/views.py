"""Sign-in, the password pages, and the one-click door of the demo."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import sign_in_log, workflow
from utilization.models import User
from utilization.sign_in_log import SignInKind
from utilization.web.account.adapter import CROWDED, still_half_way
from utilization.web.account.addresses import safe_next, too_many
from utilization.web.account.demo import demo_people, demo_people_by_role
from utilization.web.account.forms import CodeStepForm, PasskeyStepForm
from utilization.web.account.lockout import open_again
from utilization.web.account.password_turns import COME_AGAIN_IN
from utilization.web.account.sign_on import remember_invitation
from utilization.web.account.signature import can_have_passkeys, session_digest
from utilization.web.policy import open_to_all
from utilization.web.public.rate_limit import seconds_to_wait

MOST_A_MINUTE = 120
"""How often one address may send a password; a ward that comes on shift does not reach it."""


class SignIn(allauth_views.LoginView):
    """Name and password; in demo mode also the demo people, one click each."""

    template_name = "account/sign_in.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and (wait := seconds_to_wait(request, "sign-in", MOST_A_MINUTE)):
            return too_many(request, wait)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, CROWDED):
            answer.status_code = 503
            answer["Retry-After"] = str(COME_AGAIN_IN)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO_DATA:
            context.update(demo_people=demo_people_by_role(), demo_password=settings.DEMO_PASSWORD)
        context["passkeys_possible"] = can_have_passkeys(self.request)
        context["next"] = self.request.GET.get("next") or self.request.POST.get("next") or ""
        return context


class SecondStep(AuthenticateView):
    """After the password, for whoever has a passkey or an authenticator app: touch the one, or type a code."""

    template_name = "account/second_step.html"
    form_class = CodeStepForm
    webauthn_form_class = PasskeyStepForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not still_half_way(request):
            messages.error(request, "Your account was changed meanwhile. Sign in again from the beginning.")
            return redirect(settings.LOGIN_URL)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "has_passkey": workflow.has_passkey(self.stage.login.user)}


class SignOut(allauth_views.LogoutView):
    """Sign out by POST; a GET asks first."""

    template_name = "account/sign_out.html"


class ChangePassword(allauth_views.PasswordChangeView):
    """Choose a new password, knowing the present one; every other session of this person ends."""

    template_name = "account/password_change.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and not request.user.has_usable_password():
            return render(request, "account/no_password.html")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "session": session_digest(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        sign_in_log.note(SignInKind.PASSWORD_CHANGED, user=self.request.user, at=timezone.now())
        messages.success(self.request, "Your password is changed. You are signed out everywhere else.")
        return response


class FirstPassword(allauth_views.PasswordResetFromKeyView):
    """Choose a password behind a one-time link; this opens a locked account, too."""

    template_name = "account/first_password.html"

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if workflow.password_letter.is_over(self.reset_user, timezone.now()):
            return render(self.request, self.template_name, {"token_fail": True})
        # The link is good: whoever holds it may be linked to the identity provider instead.
        remember_invitation(self.request, self.reset_user, self.key)
        return super().get(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        open_again(self.reset_user)
        workflow.password_letter.forget_letter(self.reset_user)
        sign_in_log.note(SignInKind.PASSWORD_SET, user=self.reset_user, at=timezone.now())
        return response


@open_to_all
@require_safe
def first_password_done(request: HttpRequest) -> HttpResponse:
    """Say that the password is set, and lead to sign-in."""
    return render(request, "account/first_password_done.html")


@open_to_all
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Say who can help with a forgotten password."""
    return render(request, "account/forgotten.html")


@open_to_all
@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """Say that the account is closed, to someone who knew its password."""
    return render(request, "account/closed.html", status=403)


@open_to_all
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo person named in the form; outside demo mode this address does not exist."""
    if not settings.DEMO_DATA:
        raise Http404
    username = request.POST.get("username", "")
    if username not in {person.username for person in demo_people()}:
        raise Http404
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        messages.error(request, "The demo people are not loaded. Stop the server and start it with ./run.")
        return redirect(settings.LOGIN_URL)
    request.signed_in_by = "demo, one click"  # type: ignore[attr-defined]  # read by the sign-in log
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return HttpResponseRedirect(safe_next(request, request.POST.get("next", "")) or settings.LOGIN_REDIRECT_URL)


def one_time_link(request: HttpRequest, user: User) -> str:
    """Return the address at which `user`, once and within a day, chooses a password.

    It stops working when it is used, when a newer password is set, or when the person signs in. Whoever holds it
    can take the account: hand it over in person.
    """
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
    return request.build_absolute_uri(path)
