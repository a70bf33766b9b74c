"""Addresses of the pages on the life of an authorization."""

from django.urls import path

from utilization.web.authorization import check_page, import_page, infusion_page

urlpatterns = [
    path("check/", check_page.check, name="authorization-check"),
    path("import/", import_page.import_file, name="infusions-import"),
    path("infusions/<uuid:uid>/", infusion_page.correct, name="infusion-correct"),
    path("<uuid:uid>/", infusion_page.authorization, name="authorization-page"),
    path("<uuid:uid>/infusions/", infusion_page.record, name="infusion-record"),
]
