"""Addresses of the public check: they hold site, version of the criteria and indication, and never a fact."""

from django.urls import path

from utilization.web.public import switch, views

urlpatterns = [
    path("<slug:site>/", views.start, name="public-start"),
    path("<slug:site>/opening/", switch.opening, name="public-opening"),
    path("<slug:site>/<str:version>/<slug:code>/", views.check, name="public-check"),
]
