"""Pages as people read them, and the addresses of the acts."""

import html
import re
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone


def words(response) -> str:
    """What a page says, without markup, in single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


def case_of(request) -> str:
    return reverse("review-case", args=[request.uid])


def act(client, request, verb, **typed):
    """Send the form of `verb`, as its page would."""
    begun = {"version": request.version} | ({"wanted_by": day_to_answer()} if verb == "ask" else {})
    return client.post(reverse(f"review-{verb}", args=[request.uid]), begun | typed)


def day_to_answer() -> date:
    """A day by which an answer can be wanted."""
    return timezone.now().date() + timedelta(days=7)
