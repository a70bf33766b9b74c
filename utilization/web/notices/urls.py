"""Addresses of notices."""

from django.urls import path

from utilization.web.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("read/", views.read_all, name="notices-read"),
    path("<int:pk>/open/", views.open_notice, name="notice-open"),
    path("settings/", views.choices, name="notice-settings"),
    path("unsent/", views.unsent, name="notices-unsent"),
    path("unsent/<int:pk>/again/", views.again, name="notice-again"),
]
