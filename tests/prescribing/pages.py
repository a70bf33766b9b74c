"""Pages as people read them, and forms as a browser would send them."""

import re
from typing import Any

from django.urls import reverse
from lxml import html

from tests.cast import stated_again


def url(name: str, thing: Any) -> str:
    """The address of this page for a request or a patient."""
    return reverse(name, args=[thing.uid])


def tree(response: Any) -> Any:
    return html.fromstring(response.content.decode())


def words(response: Any, within: str = "//main") -> str:
    """The visible words of the page, spaces as one, without what only a screen reader hears."""
    elements = tree(response).xpath(within)
    text = " ".join(elements[0].itertext()) if elements else ""
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " ")).strip()
    return re.sub(r" ([,.:;)])", r"\1", text)


def fields(response: Any, action: str = "") -> dict[str, Any]:
    """What a browser would send of the form with this action (part of it), untouched."""
    forms = [form for form in tree(response).forms if action in (form.get("action") or "")]
    form = max(forms, key=lambda form: len(form.fields))
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        # The line break after <textarea> is markup: a browser does not send it.
        sent.setdefault(name, []).append(value.removeprefix("\n"))
    sent.pop("csrfmiddlewaretoken", None)
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def first_step(draft: Any, **changes: str) -> dict[str, str]:
    """What a prescriber with order and chart to hand would type on the first step of submitting."""
    again = {f"{name}_again": text for name, text in stated_again(draft).items()}
    return {"stated": "yes", "mrn": draft.patient.mrn, **again} | changes


def last_page(client: Any, draft: Any) -> Any:
    """The page with the signature, behind the first step where there is one; what is missing leads to the form."""
    page = client.get(url("request-submit", draft), follow=True)
    return client.post(url("request-submit", draft), first_step(draft)) if "stated" in fields(page) else page


def asked(response: Any) -> set[str]:
    """Names of the fields that the form shows."""
    inputs = tree(response).xpath("//main//form//*[self::input or self::select or self::textarea][not(@type='hidden')]")
    return {field.get("name") for field in inputs if field.get("name")}


def problems(response: Any) -> dict[str, str]:
    """What the page says beside each field that is wrong or unusual."""
    slots = tree(response).xpath(
        "//*[starts-with(@id, 'say_')][*[contains(@class, 'feedback') or contains(@class, 'weigh')]]"
    )
    return {slot.get("id").removeprefix("say_"): " ".join(slot.itertext()).strip() for slot in slots}
