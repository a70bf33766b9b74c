"""Addresses of the evidence pages."""

from django.urls import path

from utilization.web.evidence import views

urlpatterns = [
    path("", views.evidence_list, name="evidence-list"),
    path("sources/", views.sources, name="evidence-sources"),
    path("<slug:code>/", views.evidence_page, name="evidence-page"),
]
