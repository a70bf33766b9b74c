"""Addresses of the pages on the life of an authorization."""

from django.urls import path

from utilization.web.authorization import (
    change_pages,
    check_page,
    import_page,
    infusion_page,
    transfer_answer_page,
)

urlpatterns = [
    path("check/", check_page.check, name="authorization-check"),
    path("import/", import_page.import_file, name="infusions-import"),
    path("infusions/<uuid:uid>/", infusion_page.correct, name="infusion-correct"),
    path("<uuid:uid>/", infusion_page.authorization, name="authorization-page"),
    path("<uuid:uid>/change-dose/", change_pages.begin_change, {"what": "dose"}, name="authorization-change-dose"),
    path("<uuid:uid>/extra-dose/", change_pages.begin_change, {"what": "extra"}, name="authorization-extra-dose"),
    path("<uuid:uid>/discontinue/", change_pages.discontinue, name="authorization-discontinue"),
    path("<uuid:uid>/switch/", change_pages.switch, name="authorization-switch"),
    path("<uuid:uid>/transfer/", change_pages.transfer, name="authorization-transfer"),
    path("<uuid:uid>/transfer/answer/", transfer_answer_page.answer_transfer, name="transfer-answer"),
    path("<uuid:uid>/infusions/", infusion_page.record, name="infusion-record"),
]
