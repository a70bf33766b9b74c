"""Addresses of the reviewers' pages."""

from django.urls import path

from utilization.web.reviewing import queue_page, views

urlpatterns = [
    path("", queue_page.queue_page, name="review-queue"),
    path("badge/", queue_page.badge, name="review-badge"),
    path("<uuid:uid>/", views.case, name="review-case"),
    path("<uuid:uid>/claim/", views.claim, name="review-claim"),
    path("<uuid:uid>/release/", views.release, name="review-release"),
    path("<uuid:uid>/note/", views.note, name="review-note"),
    path("<uuid:uid>/message/", views.message, name="review-message"),
    path("<uuid:uid>/ask/", views.ask, name="review-ask"),
    path("<uuid:uid>/recommend/", views.recommend, name="review-recommend"),
    path("<uuid:uid>/refer/", views.refer, name="review-refer"),
    path("<uuid:uid>/preview/", views.preview, name="review-preview"),
    path("<uuid:uid>/approve/", views.approve, name="review-approve"),
    path("<uuid:uid>/deny/", views.deny, name="review-deny"),
    path("<uuid:uid>/uphold/", views.uphold, name="review-uphold"),
    path("<uuid:uid>/overturn/", views.overturn, name="review-overturn"),
]
