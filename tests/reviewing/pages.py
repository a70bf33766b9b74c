"""Pages as people read them, and the addresses of the acts."""

import html
import re

from django.urls import reverse


def words(response) -> str:
    """What a page says, without markup, in single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


def case_of(request) -> str:
    return reverse("review-case", args=[request.uid])


def act(client, request, verb, **typed):
    """Send the form of `verb`, as its page would."""
    return client.post(reverse(f"review-{verb}", args=[request.uid]), {"version": request.version, **typed})
