"""The editor of a draft in a real browser: what is typed reaches the server, faults lead to lines, the manual opens.

Whatever the console says fails the test, a refusal by the content security policy among it.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.cast import Cast
from tests.formulary.acts import a_criteria_draft, pack_text
from tests.page_checks import DESK, PHONE, assert_sound, look, sign_in
from utilization.models import CriteriaDraft
from utilization.web.formulary import manual

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = pack_text()["cidp.yaml"]
WRONG = TEXT.replace("at_least", "at_leest").replace("otherwise", "otherwize")
FAULTS = {10: "require: {age_years: {at_leest: 18}}", 11: "otherwize: does_not_meet"}
"""Its lines with a slip of the pen, counted by hand."""
TOUCHED = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
FOCUS = "document.activeElement"


@pytest.fixture
def draft(transactional_db):
    cast = Cast()
    made = a_criteria_draft(cast, files={**pack_text(), "cidp.yaml": WRONG})
    made.forrest = cast["forrest"]
    return made


@pytest.fixture
def address(draft, live_server):
    return f"{live_server.url}{reverse('formulary-file', args=[draft.uid])}?path=cidp.yaml"


@pytest.fixture
def enter(draft, live_server, browser: Browser):
    """A window of Forrest's, made with the settings that are given."""
    said: list[str] = []

    def window(**given) -> Page:
        page = browser.new_context(**{"viewport": DESK, **given}).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        sign_in(page, draft.forrest, live_server.url)
        return page

    yield window
    assert said == []


@pytest.fixture
def editor(enter, address):
    """The editor at a desk, with the draft that has two faults."""
    page = enter()
    page.goto(address)
    expect(page.locator(".ace_editor")).to_be_visible()
    return page


def kept(draft):
    return CriteriaDraft.objects.get(pk=draft.pk).files["cidp.yaml"]


def at_line(page, number):
    expect(page.locator("[data-editor-place]")).to_contain_text(f"Line {number} of")


def in_editor(page):
    return page.evaluate(f"Boolean({FOCUS}.closest('.ace_editor'))")


@pytest.mark.long
def test_what_is_typed_reaches_the_server_and_the_cursor_stays(editor, draft):
    editor.get_by_role("link", name="Line 11", exact=True).click()
    editor.keyboard.press("End")
    editor.keyboard.type('  # a question: "quoted" {left open')
    before = draft.version
    editor.keyboard.press("Control+s")
    expect(editor.locator("#messages")).to_contain_text(
        "cidp.yaml is saved, but the draft cannot be read yet: 2 faults."
    )
    line = FAULTS[11]
    assert kept(draft) == WRONG.replace(line, f'{line}  # a question: "quoted" {{left open')
    assert CriteriaDraft.objects.get(pk=draft.pk).version == before + 1
    at_line(editor, 11)
    assert in_editor(editor)


def test_a_text_that_nobody_touched_is_sent_as_it_is(editor, draft):
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator("#messages")).to_contain_text("cidp.yaml is saved")
    assert kept(draft) == WRONG


def test_leaving_with_what_no_save_has_kept_asks_first(editor):
    editor.get_by_text("Text of cidp.yaml").click()
    editor.keyboard.type("# typed\n")
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    editor.get_by_role("link", name="Back to the draft").click(no_wait_after=True)
    editor.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert editor.locator("textarea#text").input_value() == "# typed\n" + WRONG


def test_each_fault_is_marked_at_its_line_and_leads_there(editor):
    marked = editor.locator(".ace_gutter-cell.ace_error")
    assert [int(text) for text in marked.all_inner_texts()] == list(FAULTS)
    for number, text in FAULTS.items():
        editor.get_by_role("link", name=f"Line {number}", exact=True).press("Enter")
        at_line(editor, number)
        assert in_editor(editor)
        expect(editor.locator(".faults li", has_text=text)).to_contain_text(
            editor.locator("[data-editor-fault]").inner_text()
        )
    editor.keyboard.press("F8")
    at_line(editor, 10)


def test_a_fault_keeps_its_line_while_lines_are_typed_above_it(editor):
    editor.get_by_text("Text of cidp.yaml").click()
    editor.keyboard.type("# one\n# two\n")
    editor.get_by_role("link", name="Line 10", exact=True).click()
    at_line(editor, 12)
    marked = editor.locator(".ace_gutter-cell.ace_error")
    assert [int(text) for text in marked.all_inner_texts()] == [12, 13]
    tops = "parts => parts.map(part => Math.round(part.getBoundingClientRect().top)).sort()"
    assert editor.locator(".editor-fault").evaluate_all(tops) == marked.evaluate_all(tops)


def test_a_fault_of_another_page_opens_the_editor_at_its_line(enter, draft, live_server):
    page = enter()
    page.goto(live_server.url + reverse("formulary-draft", args=[draft.uid]))
    page.get_by_role("link", name="cidp.yaml, line 11").click()
    at_line(page, 11)


def test_the_keyboard_enters_and_leaves_the_editor_by_tab(editor):
    editor.get_by_role("link", name="Line 11", exact=True).focus()
    editor.keyboard.press("Tab")
    assert in_editor(editor)
    assert "Text of cidp.yaml" in editor.evaluate(f"{FOCUS}.getAttribute('aria-label')")
    editor.keyboard.press("Tab")
    assert not in_editor(editor)
    assert editor.evaluate(f"{FOCUS}.textContent") == "Save"
    editor.keyboard.press("Shift+Tab")
    assert in_editor(editor)
    editor.keyboard.press("Shift+Tab")
    assert not in_editor(editor)
    assert editor.locator("textarea#text").input_value() == WRONG, "no tab was typed"


def test_the_manual_opens_beside_the_editor_and_stays_over_a_save(editor):
    panel = editor.get_by_role("complementary", name="Manual")
    expect(panel).to_be_hidden()
    editor.get_by_role("link", name="Manual").click()
    expect(panel.get_by_role("heading", name="9. Clauses")).to_be_visible()
    panel.get_by_role("textbox").fill("to_meet")
    panel.get_by_role("textbox").press("Enter")
    expect(panel.locator("tr.is-found")).to_be_in_viewport()
    expect(panel.locator("tr.is-found td").first).to_have_text("to_meet")
    panel.get_by_role("textbox").fill("to_meat")
    panel.get_by_role("textbox").press("Enter")
    expect(panel.get_by_role("status")).to_have_text("The manual does not name “to_meat”.")
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator("#messages")).to_contain_text("is saved")
    expect(panel.get_by_role("heading", name="9. Clauses")).to_be_visible()
    panel.get_by_role("textbox").press("Escape")
    expect(panel).to_be_hidden()
    assert editor.evaluate(f"{FOCUS}.textContent.trim()") == "Manual"


def test_f1_looks_the_word_at_the_cursor_up(editor):
    editor.get_by_role("link", name="Line 10", exact=True).click()
    editor.keyboard.press("F1")
    panel = editor.get_by_role("complementary", name="Manual")
    expect(panel.locator(".is-found td").first).to_have_text("require")
    assert in_editor(editor)


@pytest.mark.parametrize(
    "given", [{"java_script_enabled": False}, {"viewport": PHONE, "has_touch": True, "is_mobile": True}]
)
def test_without_scripts_and_on_a_touch_screen_the_textarea_is_typed_in(enter, draft, address, given):
    page = enter(**given)
    page.goto(address)
    area = page.get_by_label("Text of cidp.yaml")
    assert area.evaluate("field => field.tagName") == "TEXTAREA"
    area.fill(TEXT)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("cidp.yaml is saved.")
    assert kept(draft) == TEXT


def test_on_a_touch_screen_a_fault_selects_its_line_and_the_manual_is_a_page_of_its_own(enter, address):
    page = enter(**TOUCHED)
    page.goto(address)
    page.get_by_role("link", name="Line 10", exact=True).tap()
    chosen = page.locator("textarea").evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert chosen.strip() == FAULTS[10]
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Manual").tap()
    expect(opened.value).to_have_url(re.compile("/formulary/manual/$"))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_editor_is_sound(editor, width, scheme):
    look(editor, width, scheme)
    assert_sound(editor)


@pytest.fixture
def short_manual(monkeypatch, tmp_path):
    """The manual up to its third chapter, which has all kinds of parts: axe takes minutes over the whole."""
    path = tmp_path / "manual.md"
    path.write_text(manual.MANUAL.read_text("utf-8").split("\n## 4.")[0], "utf-8")
    monkeypatch.setattr(manual, "MANUAL", path)


def test_the_editor_is_sound_while_finding_and_with_the_manual_beside_it(short_manual, editor):
    editor.get_by_text("Text of cidp.yaml").click()
    editor.keyboard.press("Control+f")
    expect(editor.locator(".ace_search_field").first).to_be_focused()
    editor.get_by_role("link", name="Manual").click()
    expect(editor.get_by_role("heading", name="3. Conditions")).to_be_visible()
    assert_sound(editor)


def test_a_long_name_of_a_file_breaks_on_a_phone(enter, draft, address):
    path = "indications/immune_thrombocytopenia_in_adults_who_bleed.yaml"
    CriteriaDraft.objects.filter(pk=draft.pk).update(files={**draft.files, path: TEXT})
    page = enter(**TOUCHED)
    page.goto(address.replace("cidp.yaml", path))
    page.get_by_text("Delete this file").click()
    expect(page.get_by_role("button", name=f"Delete {path}")).to_be_visible()
    assert_sound(page)


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_the_page_of_the_manual_is_sound(short_manual, enter, live_server, size, scheme):
    page = enter(viewport=size, color_scheme=scheme)
    page.goto(live_server.url + reverse("formulary-manual"))
    assert_sound(page)


def test_no_part_of_the_manual_runs_off_the_side(enter, live_server):
    page = enter()
    page.goto(live_server.url + reverse("formulary-manual"))
    for width in (1280, 390, 320):
        look(page, width, "light")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


def at_rest(editor: Page, place: str) -> float:
    """Where something stands once it has stood there for half a second; where it is after ten, if it never rests."""
    seen = [editor.evaluate(place)]
    while len(seen) < 100 and not (len(seen) > 5 and len(set(seen[-5:])) == 1):
        editor.wait_for_timeout(100)
        seen.append(editor.evaluate(place))
    return seen[-1]


def test_faults_follow_what_is_typed(editor):
    told, box = editor.locator("[data-faults-told]"), editor.locator("[data-faults]")
    top = "document.querySelector('.editor-rich').getBoundingClientRect().top"
    editor.evaluate(
        "text => ace.edit(document.querySelector('.editor-rich')).session.getDocument().setValue(text)", TEXT
    )
    expect(told).to_have_text("It can be read.")
    expect(box).to_be_empty()
    expect(editor.locator(".ace_gutter-cell.ace_error")).to_have_count(0)
    # Letters that come late, and the editor that takes their measure, move what stands below them.
    editor.evaluate("() => document.fonts.ready.then(() => null)")
    before = at_rest(editor, top)
    editor.evaluate(
        "text => ace.edit(document.querySelector('.editor-rich')).session.getDocument().setValue(text)", WRONG
    )
    expect(told).to_have_text("Faults: 2.")
    expect(editor.locator(".ace_gutter-cell.ace_error")).to_have_count(2)
    assert abs(editor.evaluate(top) - before) < 2
    box.get_by_role("link", name="Line 11", exact=True).click()
    at_line(editor, 11)
