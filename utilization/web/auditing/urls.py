"""Addresses of the auditor's pages. Requests go by random ids; a patient is searched for by POST."""

from django.urls import path

from utilization.web.auditing import (
    access_page,
    batches,
    documents,
    export_page,
    list_page,
    log_pages,
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
    path("access/", access_page.access_log, name="audit-access"),
    path("access.csv", access_page.access_csv, name="audit-access-csv"),
    path("sign-ins/", sign_in_page.sign_ins, name="audit-sign-ins"),
    path("sign-ins.csv", sign_in_page.sign_ins_csv, name="audit-sign-ins-csv"),
    path("justifications/", batches.batch, name="audit-batch"),
    path("justifications.zip", batches.archive, name="audit-zip"),
    path("exports/", export_page.exports, name="audit-exports"),
    path("exports/progress/", export_page.progress, name="audit-exports-progress"),
    path("exports/<uuid:uid>/file", export_page.export_file, name="audit-export-file"),
    path("exports/dictionary/", export_page.dictionary, name="audit-dictionary"),
    path("exports/dictionary.csv", export_page.dictionary_csv, name="audit-dictionary-csv"),
    path("documents/", documents.check, name="audit-document"),
    path("documents/verify_evidence.py", documents.program, name="audit-verifier"),
    path("log/entries/", log_pages.entries, name="audit-entries"),
    path("log/entries.csv", log_pages.entries_csv, name="audit-entries-csv"),
    path("log/criteria/", log_pages.criteria_log, name="audit-criteria-log"),
    path("log/criteria.csv", log_pages.criteria_csv, name="audit-criteria-log-csv"),
    path("log/", log_views.event_log, name="audit-log"),
    path("log/checking/", log_views.log_checking, name="audit-log-checking"),
]
