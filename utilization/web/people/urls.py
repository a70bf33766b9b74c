"""Addresses of the administrator's pages; those of accounts are the auditor's too."""

from django.urls import path

from utilization.web.people import (
    account_pages,
    appeal_days,
    claim_page,
    clock_page,
    price_page,
    report_page,
    signing_rule,
    views,
)

urlpatterns = [
    path("", views.people_list, name="people-list"),
    path("departments/", views.department, name="people-department"),
    path("clock/<slug:site>/", clock_page.clock, name="people-clock"),
    path("prices/", price_page.price_list, name="people-prices"),
    path("accounts/", account_pages.accounts, name="people-accounts"),
    path("accounts/<int:pk>/confirm/", account_pages.confirm, name="people-confirm"),
    path("accounts/<int:pk>/letter/", account_pages.letter, name="people-letter"),
    path("reports/", report_page.report_settings, name="people-reports"),
    path("appeals/", appeal_days.appeals, name="people-appeals"),
    path("claims/", claim_page.claim_settings, name="people-claims"),
    path("signing/", signing_rule.signing, name="people-signing"),
    path("invite/", views.invite, name="people-invite"),
    path("<int:pk>/", views.person, name="people-person"),
    path("<int:pk>/role/", views.give_role, name="people-give-role"),
    path("<int:pk>/end-role/", views.end_role, name="people-end-role"),
    path("<int:pk>/deactivate/", views.deactivate, name="people-deactivate"),
    path("<int:pk>/reactivate/", views.reactivate, name="people-reactivate"),
    path("<int:pk>/second-step/", views.remove_second_step, name="people-second-step"),
    path("<int:pk>/sign-on/", views.sign_on, name="people-sign-on"),
    path("<int:pk>/lift-lock/", views.lift_lock, name="people-lift-lock"),
    path("<int:pk>/reset/", views.reset, name="people-reset"),
]
