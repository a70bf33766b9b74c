"""A later version of the release in a folder, with one more migration: `variant.py FOLDER VERSION INTO <MIGRATION`."""

import json
import sys
from pathlib import Path

from deploy.releases.archive import ABOUT, SUMS, digest_of
from deploy.releases.make import pack


def main(folder: Path, version: str, into: Path) -> None:
    """Change what stands in `folder`, and pack it."""
    migrations = folder / "utilization" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9000_trial.py").write_text(sys.stdin.read().replace("LAST", last))
    about = json.loads((folder / ABOUT).read_text()) | {"version": version}
    (folder / ABOUT).write_text(json.dumps(about))
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    (folder / SUMS).write_text("".join(f"{digest_of(folder / name)}  {name}\n" for name in names))
    pack(folder, into / f"ivig-{version}.tar.gz", 0, hard=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
