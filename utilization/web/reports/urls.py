"""Addresses of the utilization report; what it is narrowed to stands in them."""

from django.urls import path

from utilization.web.reports import own_place, page

urlpatterns = [
    path("", page.report, name="report"),
    path("utilization.csv", page.report_csv, name="report-csv"),
    path("utilization.pdf", page.report_pdf, name="report-pdf"),
    path("mine/", own_place.own_place, name="own-place"),
]
