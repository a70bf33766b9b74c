"""Templates are read a line at a time: none is long, none nests one condition in another, and none moves a space."""

import re

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
LONGEST = 120
CONDITION = re.compile(r"{%\s*(if|endif)\b")
# Tags, and then a mark that belongs to the word before them: the line's beginning would show as a space.
MARK_AFTER_SPACE = re.compile(r"^\s*(?:{%(?!\s*end)[^%]*%}\s*)*(?:{%\s*end\w+[^%]*%}\s*)?[,;.:)]")
# Of these the white space is shown as it stands (`white-space` in the style sheets).
AS_TYPED = re.compile(r'class="(?:[^"]*\s)?(?:user-text|said|sum)(?:\s[^"]*)?"\s*>')


def lines_where(fault):
    """`place:line: text` of every template line for which `fault(text)` holds, notes for readers left out."""
    for path in TEMPLATES:
        source = re.sub(
            r"{% comment %}.*?{% endcomment %}",
            lambda note: "\n" * note[0].count("\n"),
            path.read_text("utf-8"),
            flags=re.S,
        )
        for number, text in enumerate(source.splitlines(), 1):
            if fault(text):
                yield f"{path.relative_to(settings.BASE_DIR)}:{number}: {text.strip()}"


def nests(text):
    """Whether a condition opens within another one that opened in the same text."""
    depth = 0
    for tag in CONDITION.findall(text):
        depth += 1 if tag == "if" else -1
        if depth > 1:
            return True
        depth = max(depth, 0)
    return False


def starts_with_a_mark(text):
    """Whether a mark such as a comma would be shown apart from its word."""
    return bool(MARK_AFTER_SPACE.match(text))


def opens_what_was_typed(text):
    """Whether text that is shown as typed begins on a line of its own, and so with the template's own line break."""
    return any(not text[opening.end() :].strip() for opening in AS_TYPED.finditer(text))


def test_no_line_is_long():
    long = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in TEMPLATES
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(text) > LONGEST
    ]
    assert long == []


def test_no_line_nests_a_condition():
    assert list(lines_where(nests)) == []


def test_no_comma_stands_apart_from_its_word():
    assert list(lines_where(starts_with_a_mark)) == []


def test_what_people_typed_begins_where_its_element_begins():
    assert list(lines_where(opens_what_was_typed)) == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (nests, "{% if a %}x{% if b %}y{% endif %}{% endif %}"),
        (nests, '<a class="{% if a %}x{% else %}{% if b %}y{% endif %}{% endif %}">'),
        (starts_with_a_mark, "  {% if b %}, and more{% endif %}"),
        (starts_with_a_mark, "  , and more"),
        (starts_with_a_mark, "  {% endif %}."),
        (opens_what_was_typed, '<dd class="strong user-text">'),
        (opens_what_was_typed, '<dd class="sum mono">'),
    ],
)
def test_each_fault_is_seen(fault, text):
    assert fault(text)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (nests, "{% if a %}x{% endif %}{% if b %}y{% endif %}"),
        (nests, "y{% endif %}{% if b %}x{% endif %}"),
        (starts_with_a_mark, "  x{% if b %}, and more{% endif %}."),
        (starts_with_a_mark, "  {% endif %}{% endfor %}."),
        (opens_what_was_typed, '<p class="user-text">{{ text }}</p>'),
        (opens_what_was_typed, '<p class="said-head">'),
    ],
)
def test_what_is_no_fault_is_not_taken_for_one(fault, text):
    assert not fault(text)
