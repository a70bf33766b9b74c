"""`deploy/install`, `deploy/upgrade FILE` and `deploy/way_back`.

Exit code 0: done. 1: refused, and nothing was changed. 2: failed, and the version before is there with every row.
3: failed, and somebody has to look.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from deploy.releases.archive import BadRelease
from deploy.releases.host import Failed
from deploy.releases.install import install
from deploy.releases.upgrade import NotPutBack, PutBack, upgrade, way_back

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Do what is asked; the exit code."""
    parser = argparse.ArgumentParser(prog="deploy")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="install the release that this belongs to")
    commands.add_parser("upgrade", help="upgrade to another").add_argument("file", type=Path)
    commands.add_parser("way_back", help="go back to the version before the last upgrade")
    given = parser.parse_args()
    os.umask(0o022)
    # However it is asked to end, it ends on one version or the other.
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    try:
        match given.command:
            case "install":
                install(ROOT)
            case "upgrade":
                upgrade(given.file)
            case _:
                way_back()
    except (BadRelease, Failed) as error:
        return _told(1, f"Nothing was changed. {error}")
    except KeyboardInterrupt:
        return _told(1, "It was interrupted before anything was changed.")
    except PutBack as error:
        return _told(2, str(error))
    except NotPutBack as error:
        return _told(3, str(error))
    return 0


def _told(code: int, says: str) -> int:
    print(says, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
