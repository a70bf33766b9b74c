"""Addresses of the auditor's pages. Requests go by random ids; a patient is searched for by POST."""

from django.urls import path

from utilization.web.auditing import (
    batches,
    documents,
    export_page,
    list_page,
    log_views,
    sign_in_page,
    views,
)

urlpatterns = [
    path("", list_page.request_list, name="audit-list"),
    path("answer/", list_page.answer, name="audit-answer"),
    path("requests.csv", views.export, name="audit-csv"),
    path("requests/<uuid:uid>/", views.record, name="audit-request"),
    path("requests/<uuid:uid>/judged-again/", views.judged_again, name="audit-rejudge"),
    path("access/", views.access_log, name="audit-access"),
    path("sign-ins/", sign_in_page.sign_ins, name="audit-sign-ins"),
    path("justifications/", batches.batch, name="audit-batch"),
    path("justifications.zip", batches.archive, name="audit-zip"),
    path("exports/", export_page.exports, name="audit-exports"),
    path("exports/progress/", export_page.progress, name="audit-exports-progress"),
    path("exports/<uuid:uid>/file", export_page.export_file, name="audit-export-file"),
    path("exports/dictionary/", export_page.dictionary, name="audit-dictionary"),
    path("exports/dictionary.csv", export_page.dictionary_csv, name="audit-dictionary-csv"),
    path("documents/", documents.check, name="audit-document"),
    path("documents/verify_evidence.py", documents.program, name="audit-verifier"),
    path("log/", log_views.event_log, name="audit-log"),
    path("log/checking/", log_views.log_checking, name="audit-log-checking"),
]
