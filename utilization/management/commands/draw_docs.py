"""Draws the documents in docs/ that say what the program does, from the tables that it runs by and the tests run."""

import difflib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from utilization.management.manual import manual
from utilization.management.schema import schema
from utilization.management.settings_sheet import settings_page, settings_sample
from utilization.rules.lifecycle import ENDED, MOVES, Move, Status, Verb
from utilization.rules.roles import PERMISSIONS, ROLES, Permission, Role, roles_with

SPEC = settings.BASE_DIR / "tests" / "spec"
DRAWN = "<!-- Drawn by `manage.py draw_docs`. Change the table that it is drawn from, then draw it again. -->"

LIFECYCLE = """\
Drawn from `utilization/rules/lifecycle.py`, where every move is one row. The workflow, the buttons and their refusals
read the same rows."""

ABOUT_ROLES = """\
Drawn from `utilization/rules/roles.py` and `utilization/rules/lifecycle.py`. A role is held at one site and counts for
nothing at another; a person may hold several. Who sees what is said in `utilization/access/`."""

STATUSES = {
    Status.DRAFT: "Being written; its author alone works on it, and auditors can read it.",
    Status.DISCARDED: "A draft thrown away. Nothing follows.",
    Status.PHARMACIST_REVIEW: "Filed and numbered; the clock runs; a pharmacist is to act.",
    Status.PHYSICIAN_REVIEW: "Recommended or referred; the clock runs; a physician is to act.",
    Status.INFORMATION_ASKED: "The prescriber's department is to answer; the clock is stopped.",
    Status.APPROVED: "Decided, with an authorization. Only a withdrawal can follow, or the answer to a verbal order.",
    Status.DENIED: "Decided. One appeal can follow, within the site's days.",
    Status.APPEAL_REVIEW: "The denial is appealed; the clock runs; a physician who did not sign before is to act.",
    Status.WITHDRAWN: "Taken back; an authorization is void from that moment. Nothing follows.",
}

CONDITIONS = """\
## Conditions beside the table

- Whoever filed a request or entered a fact frozen with it, measures of the patient included, does none of the moves
  marked *independent*. Nor does whoever wrote a message for the department, or covered for one of these people since
  the request was started, or was covered by one. Whoever signed a recommendation on a request does not decide on it,
  at either stage.
- A denial is appealed once, within the days that the site gives. An appeal is decided by nobody who signed anything or
  gave an opinion on the request before; a denial that was upheld cannot be appealed again. New facts in an appeal make
  a new submission.
- Who may act on a request in review may ask for a second opinion of a specialty (`opinion.asked`) and offer a
  peer-to-peer call (`peer_call.offered`). Neither changes its status, its clock or its version, and nothing waits for
  them. What is not given and has not begun ends with the request. Whoever books, declines or cancels a call for the
  department, or spoke in it, stands in the chain of those who wrote the request.
- While one reviewer holds a request, the others can claim it, release it or add a note, and no more. Every hold ends
  when the request changes its status, or lapses after the hours of its site (`request.claim_lapsed`). A site may have
  what comes to a stage given to its reviewers in turn (`request.assigned`). As an absence begins, a hold is passed to
  who covers, or freed (`request.passed`, `request.freed`); a role that ends frees it too, and so does, within the
  minute, a part that the holder takes in the asking: a message for the department, say, or cover for its author.
- A pharmacist approves only a request whose newest route is one pharmacist, that was never referred, and whose order
  gives no more than was asked.
- A part of an answer leaves the request with the prescriber, the clock stopped and the question open for the rest.
- An answer that changes a fact makes a new submission, judged anew, and leads to the pharmacist; one in words alone
  leads back to whoever asked.
- Treat now releases one first dose of a request before its review: never above the ceiling, without a weight, of a
  product that must not be given, or while another is live for the same patient and indication. Whoever released it,
  took or gave a verbal order counts as an author. A denial or a withdrawal ends what was not given of it.
- A verbal order is confirmed or disowned once, by the prescriber who gave it. Disowned, the request is withdrawn.
- The clock runs for the route's hours from filing. It is stopped while information is asked for and runs again for
  what was left, or with the hours of the new route where those are fewer.
"""


class Command(BaseCommand):
    """Write the drawn documents, or with `--check` fail when the committed ones differ."""

    help = "Draw the documents that are drawn from code; with --check, only say whether they are up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a document differs")
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "docs", help="the folder of the documents")

    def handle(self, *args: Any, check: bool, into: Path, **options: Any) -> None:
        stale = [name for name, drawn in documents().items() if not self._keep(into / name, drawn, check)]
        if stale:
            raise CommandError(f"Not up to date: {', '.join(stale)}. Run: manage.py draw_docs")

    def _keep(self, path: Path, drawn: str, check: bool) -> bool:
        """Whether the document is up to date when this is done."""
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if kept == drawn:
            return True
        if check:
            lines = difflib.unified_diff(kept.splitlines(), drawn.splitlines(), str(path), "drawn now", lineterm="")
            self.stderr.write("\n".join(lines))
            return False
        path.write_text(drawn, encoding="utf-8")
        self.stdout.write(f"Drew {path.name}.")
        return True


def documents() -> dict[str, str]:
    """File name -> text of every drawn document."""
    return {
        "lifecycle.md": lifecycle(),
        "roles.md": roles(),
        "criteria-language.md": manual(SPEC, DRAWN),
        "criteria-pack.schema.json": schema(),
        "settings.md": settings_page(DRAWN),
        "ivig.env.example": settings_sample(),
    }


def lifecycle() -> str:
    """The life of a request as a diagram and a table, from `rules.lifecycle.MOVES`."""
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", "    direction LR", *_arrows(), "```"])
    parts = [
        "# The life of a request",
        DRAWN,
        LIFECYCLE,
        diagram,
        "## Statuses",
        _table(("Status", "What it means"), [(_words(status), STATUSES[status]) for status in Status]),
        "## Moves",
        _table(("Move", "From", "To", "Who", "Asks for", "Event"), [_row(move) for move in MOVES]),
        CONDITIONS.rstrip(),
    ]
    return "\n\n".join(parts) + "\n"


def _arrows() -> list[str]:
    lines = [f"    [*] --> {Status.DRAFT.value}"]
    steps: dict[tuple[Status, Status], list[str]] = {}
    for move in MOVES:
        if move.target is not None:
            steps.setdefault((move.source, move.target), []).append(move.verb.value)
    lines += [f"    {source.value} --> {target.value}: {', '.join(verbs)}" for (source, target), verbs in steps.items()]
    staying = {status: [m.verb.value for m in MOVES if m.source == status and m.target is None] for status in Status}
    lines += [f"    {at.value} --> {at.value}: {', '.join(verbs)}" for at, verbs in staying.items() if verbs]
    lines += [f"    {status.value} --> [*]" for status in Status if status in ENDED]
    return lines


def _row(move: Move) -> tuple[str, ...]:
    asks = [word for word, asked in (("reason", move.reason), ("signature", move.signs)) if asked]
    if move.independent:
        asks.append("*independent*")
    target = _words(move.target) if move.target else "stays"
    return move.label, _words(move.source), target, _who(move.permission), ", ".join(asks) or "–", f"`{move.event}`"


def _who(permission: Permission) -> str:
    return ", ".join(_words(role) for role in roles_with(permission))


def roles() -> str:
    """Which role may do what, from `rules.roles.ROLES`, and what each does to a request, from `MOVES`."""
    matrix = [
        (_words(role), *("yes" if permission in ROLES[role].permissions else "–" for permission in Permission))
        for role in Role
    ]
    moves = [(verb.value, *(_stages(role, verb) for role in Role)) for verb in Verb]
    parts = [
        "# Roles",
        DRAWN,
        ABOUT_ROLES,
        "## What each permission allows",
        _table(("Permission", "Allows to"), [(_words(p), PERMISSIONS[p].allows) for p in Permission]),
        "## Who holds which",
        _table(("Role", *(_words(p) for p in Permission)), matrix),
        "## What each role does to a request, and where it stands then",
        _table(("Move", *(_words(role) for role in Role)), moves),
    ]
    return "\n\n".join(parts) + "\n"


def _stages(role: Role, verb: Verb) -> str:
    sources = [m.source for m in MOVES if m.verb == verb and m.permission in ROLES[role].permissions]
    return ", ".join(_words(source) for source in dict.fromkeys(sources)) or "–"


def _words(code: Status | Role | Permission) -> str:
    return code.value.replace("_", " ")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
