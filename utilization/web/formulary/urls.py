"""Addresses of the committee's pages."""

from django.urls import path

from utilization.web.formulary import drafting, impact, judging, publishing, reading

urlpatterns = [
    path("", reading.versions, name="formulary-list"),
    path("versions/<str:key>/", reading.version, name="formulary-version"),
    path("versions/<str:key>/pack.zip", reading.download, name="formulary-download"),
    path("compare/", reading.comparison, name="formulary-compare"),
    path("judge/", judging.side_by_side, name="formulary-judge"),
    path("start/", drafting.start, name="formulary-start"),
    path("drafts/<uuid:uid>/", drafting.draft, name="formulary-draft"),
    path("drafts/<uuid:uid>/check/", drafting.check, name="formulary-check"),
    path("drafts/<uuid:uid>/file/", drafting.file, name="formulary-file"),
    path("drafts/<uuid:uid>/upload/", drafting.upload, name="formulary-upload"),
    path("drafts/<uuid:uid>/delete/", drafting.delete, name="formulary-delete"),
    path("drafts/<uuid:uid>/discard/", drafting.discard, name="formulary-discard"),
    path("drafts/<uuid:uid>/impact/", impact.impact, name="formulary-impact"),
    path("drafts/<uuid:uid>/impact/ask/", impact.ask, name="formulary-impact-ask"),
    path("drafts/<uuid:uid>/impact/progress/", impact.progress, name="formulary-impact-progress"),
    path("drafts/<uuid:uid>/impact/changes.csv", impact.as_csv, name="formulary-impact-csv"),
    path("drafts/<uuid:uid>/propose/", publishing.propose, name="formulary-propose"),
    path("drafts/<uuid:uid>/sign/", publishing.sign, name="formulary-sign"),
    path("drafts/<uuid:uid>/send-back/", publishing.send_back, name="formulary-send-back"),
]
