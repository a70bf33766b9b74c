"""What the scripts add to a form, in a real browser: one submission, an honest saved line, nothing typed lost."""

import re
from pathlib import Path

import django_htmx
import pytest
from playwright.sync_api import expect

from tests.design.palette import STATIC

pytestmark = pytest.mark.browser

HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
SITE = "http://pages.test"
PAGE = """<!doctype html><html lang="en"><head><title>Form</title>
<meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'>
<script src="/js/theme.js"></script><script src="/htmx.js" defer></script>
<script src="/js/menu.js" defer></script><script src="/js/form.js" defer></script>
<script src="/js/checklist.js" defer></script>
</head><body>
<button data-theme-toggle hidden>Dark theme</button>
<details data-menu><summary>Menu</summary><a href="#x">Item</a></details>
<p data-save-status role="status"></p>
<form id="draft" data-autosave hx-post="/check" hx-trigger="input, save-again" hx-target="#live">
  <input type="hidden" name="csrfmiddlewaretoken" value="old"><input type="hidden" name="sent" value="" data-unheard>
  <input id="weight" name="weight"><fieldset data-checklist><p class="safety-count"></p>
  <div data-row><input type="radio" id="clot" name="clot" value="yes"></div>
  <div data-row><input type="radio" id="heart" name="heart" value="yes"></div>
  <div data-rest id="rest"><input type="radio" id="each" name="safety" value="one_by_one" data-each checked>
  <input type="radio" id="none" name="safety" value="none_of_these"></div></fieldset></form>
<div id="live">Nothing yet</div>
<details data-panel open><summary>Panel</summary><a id="lead" href="#weight">Weight</a></details>
<form id="sent" data-once method="post" action="/submit">
  <button id="send" name="verb" value="submit">Submit</button></form>
</body></html>"""
POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"}


@pytest.fixture
def form(page):
    """The page above, with `answer` deciding what a live check gets: (status, headers, body) or None for no network."""
    form = page
    form.answer = (200, {}, "Judged")
    form.submitted, form.checked = [], []
    form.complaints = []
    form.on("console", lambda message: form.complaints.append(message.text) if message.type == "error" else None)
    form.on("pageerror", lambda error: form.complaints.append(str(error)))

    def serve(route):
        path = route.request.url.removeprefix(SITE).split("?")[0]
        if path.startswith("/js/"):
            route.fulfill(path=STATIC / path[1:], content_type="text/javascript")
        elif path == "/htmx.js":
            route.fulfill(path=HTMX, content_type="text/javascript")
        elif path == "/check" and form.answer is None:
            route.abort()
        elif path == "/check":
            form.checked.append(route.request.post_data)
            status, headers, body = form.answer() if callable(form.answer) else form.answer
            route.fulfill(status=status, headers=headers, body=body, content_type="text/html")
        elif path == "/submit":
            form.submitted.append(route.request.post_data)
            route.fulfill(status=204)  # the browser stays on the page, as it does on a slow line
        else:
            route.fulfill(body=PAGE, headers=POLICY, content_type="text/html")

    form.route("**/*", serve)
    form.goto(SITE + "/form")
    return form


def typed(form, text="82"):
    form.fill("#weight", text)
    expect(form.locator("[data-save-status]")).to_have_text(re.compile("^(Saved|Not saved)"))
    return form.inner_text("[data-save-status]")


def test_a_saved_draft_says_when_by_the_servers_clock_and_zone(form):
    form.answer = (200, {"X-Saved-At": "14:03 GMT"}, "Judged")
    assert typed(form) == "Saved 14:03 GMT"
    assert form.inner_text("#live") == "Judged"
    assert form.complaints == []


def test_without_the_servers_time_the_browsers_stands_in(form):
    assert typed(form).startswith("Saved ")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no connection"),
        ((503, {}, "busy"), "cannot write at the moment"),
        ((409, {}, "stale"), "changed in another window"),
        ((401, {}, "out"), "you have been signed out"),
        ((403, {}, "no"), "you may not change this"),
        ((404, {}, "no"), "you may not change this"),
        ((500, {}, "broken"), "a fault on our side"),
    ],
)
def test_a_failed_save_says_so_and_what_was_typed_stays(form, answer, said):
    form.answer = answer
    line = typed(form, "91")
    assert line.startswith("Not saved")
    assert said in line
    assert form.get_attribute("[data-save-status]", "role") == "alert"
    assert form.input_value("#weight") == "91"
    assert form.inner_text("#live") == "Nothing yet"


def test_a_lost_session_is_told_and_the_sign_in_page_never_replaces_the_form(form):
    # A redirect is followed by the browser unseen: the answer comes from another address.
    elsewhere = '{get: () => location.origin + "/accounts/login/"}'
    form.evaluate(f'() => Object.defineProperty(XMLHttpRequest.prototype, "responseURL", {elsewhere})')
    assert "signed out" in typed(form, "91")
    assert form.inner_text("#live") == "Nothing yet"
    assert form.input_value("#weight") == "91"


def test_once_signed_in_again_the_page_saves_by_itself(form):
    form.answer = (401, {}, "out")
    assert "signed out" in typed(form, "91")
    form.answer = (200, {"X-Saved-At": "14:05 GMT"}, "Judged")
    form.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(form.locator("[data-save-status]")).to_have_text("Saved 14:05 GMT")
    assert "weight=91" in form.checked[-1]


def test_a_new_token_is_taken_over_and_the_answer_sent_again(form):
    answers = [(403, {"X-New-Token": "new"}, ""), (200, {"X-Saved-At": "14:06 GMT"}, "Judged")]
    form.answer = lambda: answers.pop(0)
    assert typed(form, "91") == "Saved 14:06 GMT"
    assert "csrfmiddlewaretoken=new" in form.checked[-1]
    assert "weight=91" in form.checked[-1]


def test_a_token_that_never_fits_does_not_send_for_ever(form):
    form.answer = (403, {"X-New-Token": "new"}, "")
    assert "older than your sign-in" in typed(form, "91")
    assert len(form.checked) <= 5


def test_what_was_sent_without_an_answer_goes_along_with_the_next_one(form):
    form.answer = None
    assert "no connection" in typed(form, "9")
    assert "weight=9" in form.input_value("[data-unheard]")
    assert "old" not in form.input_value("[data-unheard]")
    form.answer = (200, {}, "Judged")
    form.evaluate("window.dispatchEvent(new Event('online'))")
    expect(form.locator("[data-save-status]")).to_have_text(re.compile("^Saved"))
    assert form.input_value("[data-unheard]") == ""


def test_nothing_that_was_typed_is_kept_in_the_browser(form):
    typed(form, "91.375")
    kept = form.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "91.375" not in kept
    assert "Judged" not in kept


def test_a_double_press_submits_once_with_the_buttons_own_value(form):
    form.evaluate("for (let i = 0; i < 3; i++) document.querySelector('#send').click()")
    expect(form.locator("#send")).to_be_disabled()
    assert form.submitted == ["verb=submit"]


def test_a_checklist_counts_its_rows_and_folds_the_single_answer_away_once_none_is_left(form):
    told = form.locator(".safety-count")
    expect(told).to_have_text("0 of 2 answered")
    form.check("#clot")
    expect(told).to_have_text("1 of 2 answered")
    form.check("#none")
    expect(told).to_have_text("2 of 2 answered")
    form.check("#each")
    expect(told).to_have_text("1 of 2 answered")
    assert form.locator("#rest").is_visible()
    form.check("#heart")
    expect(told).to_have_text("2 of 2 answered")
    assert not form.locator("#rest").is_visible()


def test_a_menu_closes_on_escape_and_on_a_click_elsewhere(form):
    menu = "document.querySelector('[data-menu]').open"
    form.click("[data-menu] summary")
    form.keyboard.press("Escape")
    assert form.evaluate(menu) is False
    assert form.evaluate("document.activeElement.tagName") == "SUMMARY"
    form.click("[data-menu] summary")
    form.click("#live")
    assert form.evaluate(menu) is False


def test_the_panel_is_folded_on_a_phone_and_leads_to_fields_without_covering_them(form):
    panel = form.locator("[data-panel]")
    expect(panel).to_have_attribute("open", "")
    form.set_viewport_size({"width": 390, "height": 800})
    expect(panel).not_to_have_attribute("open", "")
    form.click("[data-panel] summary")
    form.click("#lead")
    expect(panel).not_to_have_attribute("open", "")
    form.set_viewport_size({"width": 1280, "height": 800})
    expect(panel).to_have_attribute("open", "")


def test_the_theme_is_remembered_only_while_it_differs_from_the_systems(form):
    state = "[document.documentElement.dataset.bsTheme, localStorage.getItem('ivig-theme')]"
    form.click("[data-theme-toggle]")
    assert form.evaluate(state) == ["dark", "dark"]
    assert form.get_attribute("[data-theme-toggle]", "aria-pressed") == "true"
    form.reload()
    assert form.evaluate(state) == ["dark", "dark"]
    form.click("[data-theme-toggle]")
    assert form.evaluate(state) == ["light", None]
    form.emulate_media(color_scheme="dark")
    expect(form.locator("html")).to_have_attribute("data-bs-theme", "dark")
