"""What stands beside the copy of a database in a backup: where it is from and what must be found in it again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

PRODUCT = "ivig-utilization-review"
FORMAT = 1
NAME = "manifest.json"


class BadBackup(Exception):
    """A file is no backup, or not a whole one, or not for this version; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`engine` is sqlite or postgresql, `server` its version. `migrations` are all that were applied, as `app.name`.

    `rows` counts by table, `log_size` and `log_digest` are of the event log's end, and `variables` names what was set
    in the environment, without any value.
    """

    made_at: datetime
    engine: str
    server: str
    migrations: tuple[str, ...]
    rows: Mapping[str, int]
    log_size: int
    log_digest: str
    variables: tuple[str, ...]

    def as_bytes(self) -> bytes:
        """The manifest as JSON, as `read_manifest` reads it."""
        kept = {"product": PRODUCT, "format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(kept, indent=1).encode()


def read_manifest(content: bytes) -> Manifest:
    """The manifest of these bytes. Raises BadBackup where they are none, or one of another product or format."""
    try:
        kept: dict[str, Any] = json.loads(content)
        if kept.pop("product") != PRODUCT:
            raise BadBackup("This is a backup of another product.")
        if kept.pop("format") != FORMAT:
            raise BadBackup("This backup is written in a later format. Use the version of the product that made it.")
        kept["made_at"] = datetime.fromisoformat(kept["made_at"])
        kept["rows"] = {str(table): int(many) for table, many in kept["rows"].items()}
        return Manifest(**{**kept, "migrations": tuple(kept["migrations"]), "variables": tuple(kept["variables"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadBackup("This is no backup of this product: its manifest cannot be read.") from None
