"""Addresses of the reviewers' pages."""

from django.urls import path

from utilization.web.reviewing import advice, first_doses, queue_page, views

urlpatterns = [
    path("", queue_page.queue_page, name="review-queue"),
    path("first-doses/", first_doses.first_doses, name="first-doses"),
    path("badge/", queue_page.badge, name="review-badge"),
    path("<uuid:uid>/", views.case, name="review-case"),
    path("<uuid:uid>/claim/", views.claim, name="review-claim"),
    path("<uuid:uid>/release/", views.release, name="review-release"),
    path("<uuid:uid>/note/", views.note, name="review-note"),
    path("<uuid:uid>/message/", views.message, name="review-message"),
    path("<uuid:uid>/opinions/", advice.ask_opinion, name="review-opinion-ask"),
    path("<uuid:uid>/opinions/<uuid:question>/", advice.give_opinion, name="review-opinion-give"),
    path("<uuid:uid>/opinions/<uuid:question>/take-back/", advice.take_back_opinion, name="review-opinion-take-back"),
    path("<uuid:uid>/calls/", advice.offer_call, name="review-call-offer"),
    path("<uuid:uid>/calls/<uuid:call>/cancel/", advice.cancel_call, name="review-call-cancel"),
    path("<uuid:uid>/calls/<uuid:call>/held/", advice.hold_call, name="review-call-held"),
    path("<uuid:uid>/ask/", views.ask, name="review-ask"),
    path("<uuid:uid>/recommend/", views.recommend, name="review-recommend"),
    path("<uuid:uid>/refer/", views.refer, name="review-refer"),
    path("<uuid:uid>/preview/", views.preview, name="review-preview"),
    path("<uuid:uid>/approve/", views.approve, name="review-approve"),
    path("<uuid:uid>/deny/", views.deny, name="review-deny"),
    path("<uuid:uid>/uphold/", views.uphold, name="review-uphold"),
    path("<uuid:uid>/overturn/", views.overturn, name="review-overturn"),
]
