"""Every address of the product, by who uses it."""

from django.urls import include, path

from utilization.web import attachment_file, health, justification_pdf, look_up, saved_filters, site_logo

urlpatterns = [
    path("", include("utilization.web.prescribing.urls")),
    path("account/", include("utilization.web.account.urls")),
    path("evidence/", include("utilization.web.evidence.urls")),
    path("formulary/", include("utilization.web.formulary.urls")),
    path("review/", include("utilization.web.reviewing.urls")),
    path("authorizations/", include("utilization.web.authorization.urls")),
    path("check/", include("utilization.web.public.urls")),
    path("requests/<uuid:uid>/justification.pdf", justification_pdf.justification, name="justification"),
    path("look-up/", look_up.look_up, name="look-up"),
    path("attachments/<uuid:uid>/", attachment_file.attachment, name="attachment"),
    path("logos/<slug:site>/<slug:key>.jpg", site_logo.logo, name="logo"),
    path("filters/", saved_filters.saved_filter_page, name="saved-filters"),
    path("audit/", include("utilization.web.auditing.urls")),
    path("reports/", include("utilization.web.reports.urls")),
    path("notices/", include("utilization.web.notices.urls")),
    path("people/", include("utilization.web.people.urls")),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "utilization.web.errors.bad_request"
handler403 = "utilization.web.errors.forbidden"
handler404 = "utilization.web.errors.not_found"
handler500 = "utilization.web.errors.server_error"
