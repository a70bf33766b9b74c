"""Addresses of the prescriber's pages. No address holds anything typed: patients and requests go by random ids."""

from django.urls import path

from utilization.web.prescribing import (
    answer_page,
    attachments,
    new_request,
    patients,
    request_form,
    request_page,
    submit,
)

urlpatterns = [
    path("", new_request.home, name="home"),
    path("requests/new/", patients.find, name="requests-new"),
    path("patients/new/", patients.add, name="patient-new"),
    path("patients/new/alike/", patients.alike, name="patient-alike"),
    path("patients/<uuid:uid>/", new_request.choose_indication, name="request-indication"),
    path("patients/<uuid:uid>/start/", new_request.start, name="request-start"),
    path("patients/<uuid:uid>/measures/", patients.measure, name="patient-measure"),
    path("patients/<uuid:uid>/record/", patients.page, name="patient-page"),
    path("patients/<uuid:uid>/correct/", patients.correct, name="patient-correct"),
    path("patients/<uuid:uid>/merge/", patients.merge, name="patient-merge"),
    path("patients/<uuid:uid>/separate/", patients.separate, name="patient-separate"),
    path("patients/<uuid:uid>/death/", patients.death, name="patient-death"),
    path("requests/<uuid:uid>/", request_page.page, name="request-page"),
    path("requests/<uuid:uid>/edit/", request_form.edit, name="request-edit"),
    path("requests/<uuid:uid>/check/", request_form.check, name="request-check"),
    path("requests/<uuid:uid>/discard/", request_form.discard, name="request-discard"),
    path("requests/<uuid:uid>/submit/", submit.submit, name="request-submit"),
    path("requests/<uuid:uid>/answer/", answer_page.answer, name="request-answer"),
    path("requests/<uuid:uid>/answer/keep/", answer_page.keep, {"page": "answer"}, name="request-answer-keep"),
    path("requests/<uuid:uid>/appeal/", answer_page.appeal, name="request-appeal"),
    path("requests/<uuid:uid>/appeal/keep/", answer_page.keep, {"page": "appeal"}, name="request-appeal-keep"),
    path("requests/<uuid:uid>/message/", request_page.message, name="request-message"),
    path("requests/<uuid:uid>/attach/", attachments.attach, name="request-attach"),
    path("attachments/<uuid:uid>/remove/", attachments.remove, name="attachment-remove"),
    path("requests/<uuid:uid>/withdraw/", request_page.withdraw, name="request-withdraw"),
    path("requests/<uuid:uid>/withdraw/keep/", answer_page.keep, {"page": "withdraw"}, name="request-withdraw-keep"),
    path("requests/<uuid:uid>/copy/", request_page.copy, name="request-copy"),
    path("requests/<uuid:uid>/add-missing/", request_page.add_missing, name="request-add-missing"),
    path("requests/<uuid:uid>/renew/", request_page.renew, name="request-renew"),
]
