"""Single keys over a list: what each presses, when none counts, that the sheet says them all, and that they go off."""

import pytest
from playwright.sync_api import expect

from tests.design.palette import STATIC

pytestmark = pytest.mark.browser

SITE = "http://pages.test"
POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'"}
PAGE = """<!doctype html><html lang="en"><head><title>List</title></head><body>
<button data-keys-show hidden>Keys</button>
<dialog id="keys-sheet" aria-labelledby="h"><h2 id="h">Keys</h2><dl></dl><form method="dialog">
<label><input type="checkbox" data-keys-on checked>Use</label><button type="submit">Close</button></form></dialog>
<a data-key="1" data-key-words="First question" href="#first">First (12)</a><a data-key="x" hidden href="#hidden">No</a>
<form><label for="words">Words</label><input id="words" data-key="f"><select id="choice"><option>a</select></form>
<ul><li data-key-row><a data-key-open href="#one">One</a><a data-row-key="c" href="#claim-one">Claim</a></li>
<li data-key-row><a data-key-open href="#two">Two</a><a data-row-key="c" href="#claim-two">Claim</a></li></ul>
<script src="/js/keys.js"></script></body></html>"""


@pytest.fixture
def listed(page):
    page.on("pageerror", lambda error: pytest.fail(str(error)))

    def serve(route):
        if route.request.url.startswith(f"{SITE}/js/"):
            route.fulfill(path=STATIC / route.request.url.removeprefix(SITE)[1:], content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, headers=POLICY, content_type="text/html")

    page.route("**/*", serve)
    page.goto(f"{SITE}/list")
    return page


def struck(page, *keys):
    """Where the page stands after these keys: the part of its address behind the #."""
    for key in keys:
        page.keyboard.press(key)
    return page.evaluate("location.hash")


def test_keys_go_along_the_rows_and_press_what_bears_them(listed):
    assert struck(listed, "j", "Enter") == "#one"
    assert struck(listed, "j", "j", "j", "Enter") == "#two"  # the last row stays
    assert struck(listed, "c") == "#claim-two"
    assert struck(listed, "k", "c") == "#claim-one"
    assert struck(listed, "1") == "#first"
    assert struck(listed, "x", "Control+c", "Alt+c", "Shift+C") == "#first"  # hidden, or another key


def test_no_key_counts_while_somebody_types(listed):
    listed.keyboard.press("f")
    expect(listed.locator("#words")).to_be_focused()
    assert struck(listed, "1", "?", "c", "j") == ""
    assert listed.input_value("#words") == "1?cj"
    listed.focus("#choice")
    assert struck(listed, "1", "c") == ""
    assert listed.locator("dialog[open]").count() == 0


def test_the_sheet_says_every_key_and_turns_them_off(listed):
    listed.keyboard.press("?")
    told = listed.locator("dialog dt, dialog dd").all_inner_texts()
    assert dict(zip(told[::2], told[1::2], strict=True)) == {
        "J": "Next row", "K": "Row before", "ENTER": "Open the row", "C": "Claim", "1": "First question",
        "F": "Words", "?": "Show these keys",
    }  # fmt: skip
    assert struck(listed, "1") == ""  # while the sheet is open
    listed.get_by_label("Use").uncheck()
    listed.keyboard.press("Escape")
    assert struck(listed, "1", "j", "Enter") == ""
    listed.reload()
    assert struck(listed, "1") == ""
    listed.get_by_role("button", name="Keys").click()
    listed.get_by_label("Use").check()
    listed.get_by_role("button", name="Close").click()
    assert struck(listed, "1") == "#first"
