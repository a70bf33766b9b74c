"""What entries beside a request say of it: patients merged, authorizations ended by a death, packs kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from utilization.models import PackVersion
from utilization.models.decisions import DEATH
from utilization.reconciliation.comparison import Such
from utilization.reconciliation.entries import ToldEntry

_SHORT = 12


@dataclass(frozen=True, slots=True)
class Packs:
    """The hashes of kept packs, and of the tables beside each, by key."""

    hashes: Mapping[int, tuple[str, str]]

    @classmethod
    def read(cls) -> "Packs":
        """Those of the database."""
        rows = PackVersion.objects.values_list("pk", "sha256", "shelf_sha256")
        return cls({key: (files, tables) for key, files, tables in rows})

    def such(self, files: str | None, tables: str | None) -> Such | None:
        """Any kept pack with these hashes; those of an entry that does not say the tables' are of any tables."""
        if files is None:
            return None
        beside = f" with tables {tables[:_SHORT]}" if tables else ""
        return Such(lambda key: self._is(key, files, tables), f"criteria {files[:_SHORT]}{beside}")

    def _is(self, key: int | None, files: str, tables: str | None) -> bool:
        kept = self.hashes.get(key or 0)
        return kept is not None and kept[0] == files and tables in (None, kept[1])


@dataclass(frozen=True, slots=True)
class Ending:
    """An authorization ended by the entry `seq`, or standing again where `at` is None."""

    seq: int
    at: datetime | None
    because: str


@dataclass(slots=True)
class PatientMoves:
    """Which requests went to another patient's record, by uid, and which authorizations a death ended, by number."""

    requests: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    endings: dict[str, list[Ending]] = field(default_factory=lambda: defaultdict(list))

    def take(self, entry: ToldEntry) -> None:
        """Note what `entry`, of the kind `patient.*`, says of requests and authorizations."""
        data = entry.data
        for number in data.get("authorizations_ended", ()):
            self.endings[number].append(Ending(entry.seq, entry.at, DEATH))
        for number in data.get("authorizations_restored", ()):
            self.endings[number].append(Ending(entry.seq, None, ""))
        for uid in data.get("requests", ()):
            patient = data["patient"] if entry.type == "patient.merged" else data["separated"]
            self.requests[uid].append((entry.seq, patient))

    def patient_of(self, uid: str, first: str, before: int | None = None) -> str:
        """The patient of a request that was begun for `first`, at the entry `before` or now."""
        moved = [patient for seq, patient in self.requests.get(uid, ()) if before is None or seq < before]
        return moved[-1] if moved else first

    def patients(self, uids: Iterable[str]) -> set[str]:
        """Every patient to whom one of these requests went."""
        return {patient for uid in uids for _, patient in self.requests.get(uid, ())}
