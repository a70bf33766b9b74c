"""What people type can be nothing but text: no field fetches, embeds, runs, breaks out, or gets lost."""

import html
import logging
import threading
import unicodedata
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from tests.documents import samples
from tests.documents.reading import actions, all_bytes, attachments, body_texts, page_texts, squeezed, squeezed_text
from tests.examples import share
from utilization.documents import justification, url_fetcher
from utilization.documents.justification import CannotRender, page, render, typeset
from utilization.documents.page_text import printable
from utilization.documents.url_fetcher import ShippedOnly, shipped

CANARY = "canary-6f1d0c9b-must-not-leave-the-server"

# What a page shows as a word, a shape or a date, and what it is not free to say; the rest is somebody's text.
NOT_TEXT = {
    "format", "mark", "code", "result", "choice", "utc", "local", "zone", "sha256", "date_of_birth", "measured_on",
    "valid_from", "valid_to", "review_by", "id", "year"
}  # fmt: skip
UNPRINTED = {"judgement", "facts", "decided_order", "filed_judgement", "as_at", "status"}


@pytest.fixture
def secret(tmp_path):
    """A file on the server that no document may carry."""
    path = tmp_path / "canary.txt"
    path.write_text(CANARY, encoding="utf-8")
    return path


@pytest.fixture
def asked():
    """A web server on this machine and the list of what it was asked for."""
    paths = []

    class Ears(BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ears)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield paths, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def corpus(secret, site):
    """Texts that mean harm, each to something else."""
    file = secret.as_uri()
    return [
        f'<link rel="attachment" href="{file}" title="records">',
        f'<img src="{file}"><img src="{site}/img"><object data="{file}"></object><embed src="{site}/e">',
        f"<style>@import url({site}/css); @page {{ margin: 0 }} p {{ display: none }}</style>",
        f"</style></p></td></table></body></html><iframe src='{file}'></iframe>",
        f'" style="background: url({site}/bg)" onload="alert(1)',
        f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{file}'/><script>alert(1)</script></svg>",
        f'<a href="javascript:alert(1)">x</a><base href="{site}/"><meta http-equiv="refresh" content="0;{site}/m">',
        "{{ v.patient.name }}{% include 'base.html' %}{# gone #}{{ v|safe }}",
        "url(app:sans.ttf) content: string(number) counter(page) </title><title>other",
        '<a rel="attachment" href="data:text/css,p{display:none}">y</a> <font face="x">&lt;b&gt; &amp;amp; &#60;i&#62;',
        "name}]}>>endobj 1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>> (unclosed \\) %%EOF",
        "first line\nsecond line\r\nthird line\u2028fourth line\tafter a tab",
        "\u202eesrever\u202c \u2066isolate\u2069 \u200bzero\ufeffwidth bell\x07 nul\x00 escape\x1b[31m",
        "Ångström naïve Ωμέγα Жизнь fi ffl ﬁ ½ ≥ − “quoted” ‘single’ — dash",
        "w" * 120,
    ]


def filled(value, texts, counter, key=""):
    """`value` with every free text replaced by the next of `texts`, before it a number by which it is found again."""
    if isinstance(value, dict):
        if value.keys() == {"utc", "local", "zone"}:
            return value
        return {k: filled(v, texts, counter, k) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(item, texts, counter, key) for item in value]
    if isinstance(value, str) and value and key not in NOT_TEXT:
        number = len(counter)
        counter.append(f"§{number:03d}§{texts[number % len(texts)]}")
        return counter[-1]
    return value


def one_of_each(part):
    """`part` with one entry in every list: the page prints the others by the same line of its template."""
    if isinstance(part, dict):
        return {key: one_of_each(item) for key, item in part.items()}
    return [one_of_each(item) for item in part[:1]] if isinstance(part, list) else part


def a_value_full_of(texts):
    """A denied request with everything that a request can have, every text in it replaced; and the texts."""
    value = samples.lems_denied()
    value["authorization"] = samples.cidp_approved()["authorization"]
    value["withdrawal"] = {"by": "Jonas Weir, NP", "at": samples.at(11, "08:00"), "reason": "Withdrawn."}
    value["recommendations"][0]["conditions"] = "Some."
    value["decision"]["conditions"] = "Some."
    value["request"]["emergency_reason"] = "Some."
    value["patient"] |= {"now": "Somebody, MRN 1", "payer": "Some.", "member_number": "Some."}
    value["prescriber"]["number"] = "Some."
    placed = []
    printed = {key: one_of_each(part) for key, part in value.items() if key not in UNPRINTED}
    return value | filled(printed, texts, placed), placed


def seen_as(text):
    """`text` as a reader of the page finds it."""
    return squeezed(printable(text))


@pytest.mark.long
@pytest.mark.parametrize("turn", range(0, 15, share(in_ci=1, elsewhere=3)))
def test_every_hostile_text_in_every_field_stays_text(turn, secret, asked, monkeypatch):
    """In every field in CI; outside of it each text stands in a third of the fields."""
    paths, site = asked
    texts = corpus(secret, site)
    texts = texts[turn:] + texts[:turn]
    fetched = []
    monkeypatch.setattr(ShippedOnly, "fetch", heard(ShippedOnly.fetch, fetched))
    value, placed = a_value_full_of(texts)
    pdf = render(value)
    assert set(fetched) <= set(shipped()), "something beyond the shipped files was asked for"
    assert paths == []
    assert set(attachments(pdf)) == {justification.VALUE_NAME, justification.JUDGEMENT_NAME}
    assert CANARY.encode() not in all_bytes(pdf)
    assert actions(pdf) == []
    shown = folded(squeezed("".join(body_texts(pdf))))
    expected = [text for text in placed if text not in not_for_people(value)]
    lost = [text for text in expected if not stands_in(folded(seen_as(text)), shown)]
    assert lost == []


def stands_in(text, shown):
    """Whether `text` is there, in one piece or, where a page ended within its cell, in two."""
    return text in shown or any(text[:cut] in shown and text[cut:] in shown for cut in range(6, len(text)))


def folded(text):
    """`text` as one glyph and small letters show it: a font draws "fi" and its ligature alike."""
    return unicodedata.normalize("NFKC", text).lower()


def heard(fetch, fetched):
    def listening(self, url, headers=None):
        fetched.append(url)
        return fetch(self, url, headers)

    return listening


def not_for_people(value):
    """What the page leaves out on purpose: the machine's names of facts, the numbers behind the measures that it prints
    as typed and as used, and advice on criteria that are met."""
    criteria = value["criteria"]
    names = {fact["name"] for part in (*criteria, *value["other_facts"]) for fact in part["facts"]}
    names |= {value["patient"]["weight_kg"], value["patient"]["height_cm"]}
    return names | {criterion["to_meet"] for criterion in criteria if criterion["result"] == "met"}


@pytest.mark.long
def test_the_longest_texts_are_printed_to_their_last_word(secret):
    """4,000 characters in every free field, as words and as one word: nothing is cut off at a page's edge."""
    words = " ".join(f"word{n:04d}" for n in range(445))[:4000]
    value, _ = a_value_full_of(["x"])
    for said in (value, value["decision"], value["recommendations"][0], value["exchanges"][0]):
        said |= {key: words for key in ("justification", "reason", "conditions", "text", "answer") if key in said}
    value["criteria"][0]["facts"][0]["value"] = words
    value["criteria"][0]["text"] = "".join(f"long{n:04d}" for n in range(500))
    pages = page_texts(render(value))
    text = squeezed("".join(pages))
    assert text.count("word0443") == 8
    # The end of a page may cut one of them in two.
    assert sum(f"long{n:04d}" in text for n in range(500)) > 500 - len(pages)


@pytest.mark.long
def test_a_hostile_text_would_reach_a_file_if_either_guard_were_gone(secret):
    """The control: without escaping and with the library's own fetcher, the same text carries the secret away."""
    value = samples.cidp_approved()
    value["decision"]["conditions"] = f'<link rel="attachment" href="{secret.as_uri()}" title="records">'
    unescaped = html.unescape(page(value))
    leaky = typeset(unescaped, value, fetcher=URLFetcher)
    assert CANARY.encode() in all_bytes(leaky)
    assert CANARY.encode() not in all_bytes(render(value))


@pytest.mark.parametrize(
    "escaped_in",
    [
        '<link rel="attachment" href="{file}">',
        '<img src="{file}" alt="x">',
        '<p style="background-image: url({file})">x</p>',
        "<style>@import url({file})</style>",
        '<img src="http://127.0.0.1:9/x" alt="x">',
        '<img src="data:image/svg+xml,<svg/>" alt="x">',
        "<style>@font-face {{ font-family: F; src: url({file}) }} p {{ font-family: F }}</style>",
    ],
)
def test_markup_that_got_past_escaping_ends_the_rendering(escaped_in, secret):
    value = samples.cidp_approved()
    markup = escaped_in.format(file=secret.as_uri())
    broken = page(value).replace("</main>", f"{markup}</main>")
    with pytest.raises(CannotRender) as refusal:
        typeset(broken, value)
    assert secret.name not in str(refusal.value), "an address may hold a patient's words"


def test_the_fetcher_serves_its_list_and_nothing_else(secret):
    served = ShippedOnly().fetch("app:sans.ttf")
    assert served.read()[:4] == b"\x00\x01\x00\x00"
    for other in ("app:../settings.py", "app:sans.ttf?x", "APP:sans.ttf", secret.as_uri(), "data:,x", "ftp://x/y", ""):
        with pytest.raises(FatalURLFetchingError):
            ShippedOnly().fetch(other)
    assert all(name.startswith("app:") for name in url_fetcher.shipped())


@pytest.mark.long
def test_unseen_characters_are_printed_as_their_code_and_turn_nothing_around():
    value = samples.cidp_approved()
    value["patient"]["name"] = "Abel\u202e 30 \u2066kg"
    text = squeezed_text(render(value))
    assert "Abel[U+202E]30[U+2066]kg" in text


@pytest.mark.long
def test_rendering_writes_no_text_of_a_patient_to_the_log(caplog):
    value = samples.cidp_approved()
    value["patient"]["name"] = "Canaria \U0001f489 漢"
    with caplog.at_level(logging.DEBUG):
        render(value)
    assert "漢" not in caplog.text
    assert "Canaria" not in caplog.text


@pytest.mark.long
def test_half_a_character_does_not_stop_a_print():
    value = samples.cidp_approved()
    value["decision"]["conditions"] = "broken \ud83d here"
    assert "broken[U+D83D]here" in squeezed_text(render(value))
