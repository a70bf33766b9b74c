"""The drawn documents say what the tables say, and a stale one is found."""

import pytest
from django.core.management import CommandError, call_command

from utilization.management.commands.draw_docs import documents
from utilization.rules.lifecycle import MOVES, Status
from utilization.rules.roles import ROLES


def test_every_move_is_drawn_as_a_row_and_every_change_of_status_as_an_arrow():
    drawn = documents()["lifecycle.md"]
    rows = [line for line in drawn.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) == len(MOVES)
    for move, row in zip(MOVES, rows, strict=True):
        assert row.startswith(f"| {move.label} | {move.source.value.replace('_', ' ')} |")
        assert f"`{move.event}`" in row
        assert ("signature" in row, "*independent*" in row) == (move.signs, move.independent)
        assert f"    {move.source.value} --> {(move.target or move.source).value}: " in drawn


def test_every_status_has_its_meaning():
    drawn = documents()["lifecycle.md"]
    for status in Status:
        assert f"| {status.value.replace('_', ' ')} | " in drawn


def test_every_role_is_drawn_with_what_it_may_do():
    drawn = documents()["roles.md"]
    for role, row_of_role in ROLES.items():
        [row] = [line for line in drawn.splitlines() if line.startswith(f"| {role.value.replace('_', ' ')} | ")]
        assert row.count("yes") == len(row_of_role.permissions)


def test_drawing_brings_the_folder_up_to_date_and_checking_writes_nothing(tmp_path, capsys):
    with pytest.raises(CommandError, match=r"lifecycle\.md, roles\.md"):
        call_command("draw_docs", "--check", "--into", str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    call_command("draw_docs", "--into", str(tmp_path))
    call_command("draw_docs", "--check", "--into", str(tmp_path))
    lifecycle = tmp_path / "lifecycle.md"
    lifecycle.write_text(lifecycle.read_text().replace("| Deny |", "| Deny at once |"))
    capsys.readouterr()
    with pytest.raises(CommandError, match=r"Not up to date: lifecycle\.md\."):
        call_command("draw_docs", "--check", "--into", str(tmp_path))
    assert "-| Deny at once |" in capsys.readouterr().err
