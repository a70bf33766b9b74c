"""Addresses of the prescriber's pages. No address holds anything typed: patients and requests go by random ids."""

from django.urls import path

from utilization.web.prescribing import drafting, following, patients, starting, submitting

urlpatterns = [
    path("", starting.home, name="home"),
    path("requests/new/", patients.find, name="requests-new"),
    path("patients/new/", patients.add, name="patient-new"),
    path("patients/new/alike/", patients.alike, name="patient-alike"),
    path("patients/<uuid:uid>/", starting.choose_indication, name="request-indication"),
    path("patients/<uuid:uid>/start/", starting.start, name="request-start"),
    path("patients/<uuid:uid>/measures/", patients.measure, name="patient-measure"),
    path("patients/<uuid:uid>/record/", patients.page, name="patient-page"),
    path("patients/<uuid:uid>/correct/", patients.correct, name="patient-correct"),
    path("patients/<uuid:uid>/merge/", patients.merge, name="patient-merge"),
    path("patients/<uuid:uid>/separate/", patients.separate, name="patient-separate"),
    path("patients/<uuid:uid>/death/", patients.death, name="patient-death"),
    path("requests/<uuid:uid>/", following.page, name="request-page"),
    path("requests/<uuid:uid>/edit/", drafting.edit, name="request-edit"),
    path("requests/<uuid:uid>/check/", drafting.check, name="request-check"),
    path("requests/<uuid:uid>/discard/", drafting.discard, name="request-discard"),
    path("requests/<uuid:uid>/submit/", submitting.submit, name="request-submit"),
    path("requests/<uuid:uid>/answer/", following.answer, name="request-answer"),
    path("requests/<uuid:uid>/answer/keep/", following.keep, {"page": "answer"}, name="request-answer-keep"),
    path("requests/<uuid:uid>/withdraw/", following.withdraw, name="request-withdraw"),
    path("requests/<uuid:uid>/withdraw/keep/", following.keep, {"page": "withdraw"}, name="request-withdraw-keep"),
    path("requests/<uuid:uid>/copy/", following.copy, name="request-copy"),
    path("requests/<uuid:uid>/renew/", following.renew, name="request-renew"),
]
