"""Every code that the rules speak has words, and every state a shape of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.design.palette import STATIC
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.rules import words
from utilization.rules.lifecycle import MOVES, Status
from utilization.rules.packs.pack import WARNING_CODES, Outcome
from utilization.rules.roles import Role

SIGNS = [
    words.OUTCOMES, words.RESULTS, words.STATUSES, words.AUTHORIZATION_STATES,
]  # fmt: skip

# Entries about a request that are no move of it from one status to the next.
NO_MOVE = {
    "request.started", "request.claim_lapsed", "request.assigned", "request.chased", "request.escalated",
    "request.passed", "request.freed",
    "attachment.added", "attachment.removed", "message.written", "infusion.recorded", "infusion.corrected",
    "opinion.asked", "opinion.given", "opinion.taken_back", "peer_call.offered", "peer_call.booked",
    "peer_call.declined", "peer_call.cancelled", "peer_call.held",
    "authorization.reminded", "authorization.lapsed", "authorization.bridged",
    "authorization.discontinued", "authorization.superseded", "authorization.switched", "authorization.transfer_asked",
    "authorization.transfer_declined", "authorization.transferred", "authorization.transfer_accepted",
    "authorization.transfer_ended", "authorization.moved",
    "first_dose.chased", "first_dose.overdue", "order.chased", "order.giver_left", "order.overdue",
    "document.issued", "document.taken_over",
}  # fmt: skip


def symbols():
    return set(re.findall(r'<symbol id="([a-z_]+)"', (STATIC / "img" / "icons.svg").read_text("utf-8")))


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        (words.OUTCOMES, {o.value for o in Outcome}),
        (words.STATUSES, {s.value for s in Status}),
        (words.WARNINGS, {*WARNING_CODES, OTHER_IMMUNOGLOBULIN}),
        (words.EVENTS, {move.event for move in MOVES} | NO_MOVE),
        (words.RESULTS, {"met", "not_met", "unknown"}),
    ],
)
def test_every_code_has_words_and_no_word_is_left_over(told, codes):
    assert set(told) == codes


def test_every_role_has_a_word():
    assert {role.value for role in Role} <= set(words.ROLES)


def test_every_icon_that_is_named_stands_in_the_sprite():
    named = {sign.icon for signs in SIGNS for sign in signs.values()} | {icon for _, icon in words.EVENTS.values()}
    assert named <= symbols()


@pytest.mark.parametrize("signs", [words.OUTCOMES, words.RESULTS])
def test_states_differ_in_word_shape_and_tone_alike(signs):
    for part in ("word", "icon", "tone"):
        assert len({getattr(sign, part) for sign in signs.values()}) == len(signs), part


def test_every_tone_has_a_class_in_the_style_sheet():
    css = (STATIC / "css" / "components.css").read_text("utf-8")
    for sign in (sign for signs in SIGNS for sign in signs.values()):
        assert f".is-{sign.tone} {{" in css


def test_every_warning_has_a_title_and_a_sentence():
    for code, caution in words.WARNINGS.items():
        assert caution.title, code
        assert caution.text.endswith("."), code


def test_a_code_without_words_is_shown_plainly():
    assert words.sign_of("on_hold", words.STATUSES) == ("On hold", "info", "idle", "")
    assert words.warning("new_warning").title == "New warning"


ROOT = Path(__file__).resolve().parents[2]
NOT_OF_THE_FIELD = re.compile(
    r"\b(mend(s|ed|ing)?|reckon(s|ed|ing)?|put (this |it |that )?right|left open|go(es)? on|going on"
    r"|stands? still|standing still)\b",
    re.IGNORECASE,
)


def sayings() -> Iterator[tuple[str, str]]:
    """Every text that a page, a message or an error may say, with the file that says it."""
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
        yield str(path), text
    for path in (ROOT / "utilization").rglob("*.py"):
        if "migrations" not in path.parts:
            for text in _strings(ast.parse(path.read_text("utf-8"))):
                yield str(path), text
    for path in STATIC.rglob("*.js"):
        yield str(path), re.sub(r"//.*|/\*.*?\*/", "", path.read_text("utf-8"))


def _strings(tree: ast.Module) -> Iterator[str]:
    """The strings of a module, but for those that document it."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@pytest.mark.long
def test_nothing_is_said_in_words_that_are_not_those_of_a_ward():
    assert [(path, found[0]) for path, text in sayings() if (found := NOT_OF_THE_FIELD.search(text))] == []
