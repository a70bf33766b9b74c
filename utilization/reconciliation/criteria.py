"""Criteria: drafts, who wrote them, what was published, and the packs that are kept, as the entries tell them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from utilization import criteria, digests
from utilization.models import CriteriaDraft
from utilization.models.criteria_drafts import DRAFT, PROPOSED, PUBLISHED, WITHDRAWN
from utilization.reconciliation.beside import Packs
from utilization.reconciliation.comparison import (
    FAULTS,
    NOT_COVERED,
    Expected,
    Row,
    RowComparison,
    Such,
    text_vouched,
    vouched,
)
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.findings import ALTERED, Discrepancy, RowPlace
from utilization.rules.packs.reader import pack_hash
from utilization.rules.yaml_lines import PackError

PACK, CRITERIA_DRAFT, EDIT, PUBLICATION = (
    "utilization_packversion", "utilization_criteriadraft", "utilization_draftedit", "utilization_publication",
)  # fmt: skip
_NOT_PROPOSED = {
    "pack_id": None, "effective_from": None, "reason": "", "proposed_by_id": None, "proposed_name": "",
    "proposed_at": None,
}  # fmt: skip
_NOT_RETURNED = {"returned_by_id": None, "returned_at": None, "returned_reason": ""}
_STATUS = {
    "criteria.proposed": PROPOSED, "criteria.published": PUBLISHED, "criteria.discarded": WITHDRAWN,
    "criteria.sent_back": DRAFT,
}  # fmt: skip


@dataclass(slots=True)
class CriteriaReplay:
    """Follows all entries about criteria."""

    packs: Packs
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    edits: dict[tuple[str, int | None], ToldEntry] = field(default_factory=dict)
    published: dict[str, tuple[ToldEntry, dict[str, Any]]] = field(default_factory=dict)
    told: dict[str, ToldEntry] = field(default_factory=dict)

    def take(self, entry: ToldEntry) -> None:
        """Follow one entry of the kind `criteria.*`. Raises one of `FAULTS` where it makes no sense."""
        said, uid = entry.data, entry.data["draft"]
        if entry.type == "criteria.started":
            self._start(entry)
        draft = self.drafts[uid]
        draft |= {"version": said["version"], "updated_at": entry.at}
        draft["status"] = _STATUS.get(entry.type, draft["status"])
        if "sha256" in said and entry.type != "criteria.published":
            files = said["sha256"]
            text = Such(lambda kept: pack_hash(kept) == files, f"files with the hash {files[:12]}")
            draft |= {"files": text, "updated_by_id": entry.actor}
            self.edits.setdefault((uid, entry.actor), entry)
        if step := _STEPS.get(entry.type):
            step(self, entry, draft)
        self.told[uid] = entry

    def _start(self, entry: ToldEntry) -> None:
        said = entry.data
        self.drafts[said["draft"]] = {
            "uid": said["draft"], "site_id": entry.site_id, "name": text_vouched(said.get("name"), "name"),
            "base_id": self.packs.such(said["base"], said.get("shelf")), "author_id": entry.actor, "status": DRAFT,
            "created_at": entry.at, **_NOT_PROPOSED, **_NOT_RETURNED,
        }  # fmt: skip

    def _proposed(self, entry: ToldEntry, draft: dict[str, Any]) -> None:
        said = entry.data
        draft |= _NOT_RETURNED | {
            "pack_id": self.packs.such(said["pack"], said.get("shelf")), "effective_from": said["effective_from"],
            "reason": text_vouched(said["reason"], "reason"), "proposed_by_id": entry.actor,
            "proposed_name": text_vouched(said.get("name"), "proposed_name"), "proposed_at": entry.at,
        }  # fmt: skip

    def _sent_back(self, entry: ToldEntry, draft: dict[str, Any]) -> None:
        reason = text_vouched(entry.data["reason"], "returned_reason")
        draft |= _NOT_PROPOSED | {
            "returned_by_id": entry.actor, "returned_at": entry.at, "returned_reason": reason,
        }  # fmt: skip

    def _publish(self, entry: ToldEntry, draft: dict[str, Any]) -> None:
        said = entry.data
        whole = vouched(said.get("sha256"), *digests.PUBLICATION)
        proposed = {name: draft[name] for name in ("reason", "proposed_at")} if whole is NOT_COVERED else {}
        columns = dict.fromkeys(digests.PUBLICATION, whole) | proposed | {
            "uid": said["publication"], "site_id": entry.site_id, "ordinal": said["ordinal"],
            "pack_id": self.packs.such(said["pack"], said.get("shelf")), "effective_from": said["effective_from"],
            "proposed_by_id": said["proposed_by"], "signed_by_id": entry.actor, "signed_at": entry.at,
        }  # fmt: skip
        self.published[said["publication"]] = entry, columns

    def hold(self, comparison: RowComparison) -> None:
        """Hold the rows against what was told."""
        keys = {str(uid): key for uid, key in CriteriaDraft.objects.values_list("uid", "pk")}
        drafts = {
            uid: Expected(columns, self.told[uid].seq, self.told[uid].site) for uid, columns in self.drafts.items()
        }
        self._hold(comparison, CRITERIA_DRAFT, ("uid",), drafts)
        edits: dict[Any, Expected] = {}
        for (uid, user), entry in self.edits.items():
            columns = {"draft_id": keys.get(uid, -1), "user_id": user, "at": entry.at}
            edits[columns["draft_id"], user] = Expected(columns, entry.seq, entry.site)
        self._hold(comparison, EDIT, ("draft_id", "user_id"), edits)
        publications = {
            uid: Expected(columns | {"draft_id": keys.get(entry.data["draft"], -1)}, entry.seq, entry.site)
            for uid, (entry, columns) in self.published.items()
        }
        self._hold(comparison, PUBLICATION, ("uid",), publications)

    @staticmethod
    def _hold(comparison: RowComparison, table: str, key: tuple[str, ...], expected: dict[Any, Expected]) -> None:
        for rows in comparison.portions(table, 10):
            comparison.hold(table, key, expected, rows)
        comparison.miss(table, expected)


def hold_packs(comparison: RowComparison) -> None:
    """Hash every kept pack and its tables again, and hold its name, version and title against its files."""
    for rows in comparison.portions(PACK, 1):
        for row in rows:
            comparison.tally.rows += 1
            place = RowPlace(PACK, f"{row['id']} {row['name']} {row['version']}")
            for column in _altered(row):
                comparison.tally.add(Discrepancy(ALTERED, place, (column,)))


def _altered(row: Row) -> list[str]:
    """The hashes that are not those of what they are of, and what the files call otherwise than the row."""
    hashed = {"sha256": "files", "shelf_sha256": "shelf"}
    try:
        if wrong := [name for name, files in hashed.items() if pack_hash(row[files]) != row[name]]:
            return wrong
        pack = criteria.pack_from_files(row["files"], row["sha256"])
    except PackError:
        # As it was kept, and written for a reader of another version.
        return []
    except FAULTS:
        return ["files", "shelf"]
    return [name for name in ("name", "version", "title") if getattr(pack, name) != row[name]]


_STEPS: Mapping[str, Callable[[CriteriaReplay, ToldEntry, dict[str, Any]], None]] = {
    "criteria.proposed": CriteriaReplay._proposed,
    "criteria.sent_back": CriteriaReplay._sent_back,
    "criteria.published": CriteriaReplay._publish,
}
