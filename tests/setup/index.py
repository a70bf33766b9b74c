"""A package index in a folder: small wheels, their hashes, and the pages that pip reads."""

import base64
import hashlib
import zipfile
from pathlib import Path


class Index:
    """Wheels at `url`, in pip's own layout. `lock` spells out some of them as a lock with hashes."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.hashes: dict[tuple[str, str], str] = {}

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def add(self, name: str, version: str, *requires: str, extras: tuple[str, ...] = (), does: str = "") -> None:
        """A release of `name` that needs `requires`, with a module of the same name that `does` something."""
        wheel = self.folder / name / f"{name}-{version}-py3-none-any.whl"
        wheel.parent.mkdir(parents=True, exist_ok=True)
        info = f"{name}-{version}.dist-info"
        described = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
        described += [f"Provides-Extra: {extra}" for extra in extras]
        described += [f"Requires-Dist: {requirement}" for requirement in requires]
        files = {
            f"{name}/__init__.py": f"version = {version!r}\n",
            f"{name}/__main__.py": does,
            f"{info}/METADATA": "\n".join(described) + "\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},{_hash(text)},{len(text)}\n" for path, text in files.items())
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(path, text)
        self.hashes[name, version] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        page = "".join(f'<a href="{one.name}">{one.name}</a>' for one in sorted(wheel.parent.glob("*.whl")))
        (wheel.parent / "index.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>")

    def lock(self, *releases: tuple[str, str]) -> str:
        return "".join(
            f"{name}=={version} \\\n    --hash=sha256:{self.hashes[name, version]}\n" for name, version in releases
        )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
