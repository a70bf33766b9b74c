"""Addresses of the committee's pages."""

from django.urls import path

from utilization.web.formulary import (
    case_comparison,
    dosing_page,
    draft_editor,
    impact,
    manual,
    new_indication,
    publication,
    versions,
)

urlpatterns = [
    path("", versions.versions, name="formulary-list"),
    path("versions/<str:key>/", versions.version, name="formulary-version"),
    path("versions/<str:key>/indications/<slug:code>/", versions.indication, name="formulary-indication"),
    path("versions/<str:key>/pack.zip", versions.download, name="formulary-download"),
    path("compare/", versions.comparison, name="formulary-compare"),
    path("judge/", case_comparison.side_by_side, name="formulary-judge"),
    path("dosing/<slug:site>/", dosing_page.dosing, name="formulary-dosing"),
    path("manual/", manual.manual, name="formulary-manual"),
    path("start/", draft_editor.start, name="formulary-start"),
    path("drafts/<uuid:uid>/", draft_editor.draft, name="formulary-draft"),
    path("drafts/<uuid:uid>/check/", draft_editor.check, name="formulary-check"),
    path("drafts/<uuid:uid>/file/", draft_editor.file, name="formulary-file"),
    path("drafts/<uuid:uid>/file/faults/", draft_editor.faults_typed, name="formulary-faults"),
    path("drafts/<uuid:uid>/add-an-indication/", new_indication.add_indication, name="formulary-add-indication"),
    path("drafts/<uuid:uid>/upload/", draft_editor.upload, name="formulary-upload"),
    path("drafts/<uuid:uid>/delete/", draft_editor.delete, name="formulary-delete"),
    path("drafts/<uuid:uid>/discard/", draft_editor.discard, name="formulary-discard"),
    path("drafts/<uuid:uid>/impact/", impact.impact, name="formulary-impact"),
    path("drafts/<uuid:uid>/impact/ask/", impact.ask, name="formulary-impact-ask"),
    path("drafts/<uuid:uid>/impact/progress/", impact.progress, name="formulary-impact-progress"),
    path("drafts/<uuid:uid>/impact/changes.csv", impact.as_csv, name="formulary-impact-csv"),
    path("drafts/<uuid:uid>/propose/", publication.propose, name="formulary-propose"),
    path("drafts/<uuid:uid>/sign/", publication.sign, name="formulary-sign"),
    path("drafts/<uuid:uid>/send-back/", publication.send_back, name="formulary-send-back"),
]
