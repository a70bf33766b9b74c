"""The page of prices, for administrators and formulary members."""

from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.prescribing.pages import fields, words
from utilization.models import Price

PAGE = reverse("people-prices")


def test_a_price_is_entered_shown_and_ended_and_a_faulty_one_stays_typed(db):
    cast, client = Cast(), Client()
    client.force_login(cast["forrest"])
    sent = fields(client.get(PAGE)) | {"per_gram": "92.50", "currency": "USD", "brand": "Privigen"}
    wrong = client.post(PAGE, sent | {"per_gram": "$92"})
    assert wrong.status_code == 422
    assert "Expected an amount above 0" in words(wrong)
    assert fields(wrong)["per_gram"] == "$92"
    page = words(client.post(PAGE, sent, follow=True))
    assert "Privigen 92.50 USD Forrest Formulary" in page
    ended = sent | {"form_token": fields(client.get(PAGE))["form_token"], "per_gram": ""}
    assert "No price is entered" in words(client.post(PAGE, ended, follow=True))
    assert Price.objects.count() == 2
