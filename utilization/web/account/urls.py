"""Addresses of sign-in and passwords. The names are those by which allauth finds them."""

from django.urls import path, re_path
from django.views.decorators.http import require_http_methods

from utilization.web import absences
from utilization.web.account import codes, passkey_sign_in, passkeys, sign_on, views
from utilization.web.policy import open_to_all, signed_in

# The library's own views would answer any method, or redirect it before they look.
form_page = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("sign-in/", open_to_all(form_page(views.SignIn.as_view())), name="account_login"),
    path("sign-in/demo/", views.demo_sign_in, name="demo_sign_in"),
    path("sign-in/passkey/", passkey_sign_in.passkey_sign_in, name="passkey-sign-in"),
    path("sign-in/second-step/", open_to_all(form_page(views.SecondStep.as_view())), name="mfa_authenticate"),
    path("sign-on/", sign_on.start, name="sign-on"),
    path("sign-on/invited/", sign_on.start_invited, name="sign-on-invited"),
    path("sign-on/confirm/", sign_on.confirm, name="sign-on-confirm"),
    path("sign-on/back/", sign_on.back, name="sign-on-back"),
    path("away/", absences.own_absences, name="away"),
    path("passkeys/", passkeys.passkeys, name="passkeys"),
    path("passkeys/begin/", passkeys.begin, name="passkey-begin"),
    path("passkeys/remove/", passkeys.remove, name="passkey-remove"),
    path("codes/", codes.codes, name="codes"),
    path("codes/app/", codes.begin_app, name="code-app"),
    path("codes/app/add/", codes.add_app, name="code-app-add"),
    path("codes/app/remove/", codes.remove_app, name="code-app-remove"),
    path("codes/recovery/", codes.recovery, name="code-recovery"),
    path("sign-out/", open_to_all(form_page(views.SignOut.as_view())), name="account_logout"),
    path("closed/", views.closed, name="account_inactive"),
    path("password/", signed_in(form_page(views.ChangePassword.as_view())), name="account_change_password"),
    path("password/forgotten/", views.forgotten, name="account_reset_password"),
    re_path(
        r"^password/first/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        open_to_all(form_page(views.FirstPassword.as_view())),
        name="account_reset_password_from_key",
    ),
    path("password/set/", views.first_password_done, name="account_reset_password_from_key_done"),
]
