"""`./run` sets up from the lock and from nothing else, whatever the index holds on that day."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.index import Index

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

# What stands in for the product: says what was installed, as `./run` starts it.
MANAGE = """
import sys
from importlib.metadata import distributions
print("serving with", sorted(f"{d.name}=={d.version}" for d in distributions() if d.name in ("tool", "base", "other")))
"""


pytestmark = pytest.mark.skipif(
    not os.environ.get("CI"), reason="environments are made anew, which takes minutes: .ci/run does it"
)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """`tool` needs `base` with an extra, of any version; the lock was made while `base` stood at 1.0."""
    index = Index(tmp_path / "index")
    index.add("base", "1.0", "other; extra == 'more'", extras=("more",))
    index.add("other", "1.0")
    index.add("tool", "1.0", "base[more]>=1.0")
    return index


@pytest.fixture
def checkout(tmp_path: Path, index: Index) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "run", folder)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "requirements.txt").write_text(index.lock(("base", "1.0"), ("other", "1.0"), ("tool", "1.0")))
    return folder


def environment(index: Index, **others: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, "PYTHON": sys.executable, "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.url, **others}


def run(checkout: Path, index: Index, **others: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "./run"], cwd=checkout, env=environment(index, **others), capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="session")
def oldest_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oldest-pip")
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
         "-r", str(HERE / "oldest-pip.txt"), "-d", str(folder)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if fetched.returncode and not os.environ.get("CI"):
        pytest.skip("no index answers, and the oldest pip comes from there")
    assert fetched.returncode == 0, fetched.stderr
    return next(folder.glob("pip-*.whl"))


def make_environment(checkout: Path, pip: Path | None) -> None:
    """The environment that `./run` finds there, with the pip that Python brings along or with another."""
    subprocess.run([sys.executable, "-m", "venv", str(checkout / ".venv")], check=True, timeout=120)
    if pip:
        python = str(checkout / ".venv/bin/python")
        install = ["-m", "pip", "install", "--quiet", "--no-index", "--force-reinstall", str(pip)]
        subprocess.run([python, *install], check=True, timeout=120, capture_output=True)


@pytest.mark.parametrize("which", ["own", "oldest"])
def test_a_newer_release_in_the_index_changes_nothing(
    checkout: Path, index: Index, which: str, request: pytest.FixtureRequest
) -> None:
    if which == "oldest" and sys.version_info >= (3, 12):
        pytest.skip("the oldest pip does not run on this Python, which never came with it")
    make_environment(checkout, request.getfixturevalue("oldest_pip") if which == "oldest" else None)
    index.add("base", "1.1", "other; extra == 'more'", extras=("more",))
    index.add("other", "2.0")
    index.add("tool", "1.1", "base[more]>=1.1")
    answer = run(checkout, index)
    assert answer.returncode == 0, answer.stderr
    assert "serving with ['base==1.0', 'other==1.0', 'tool==1.0']" in answer.stdout


def test_this_index_stops_a_set_up_that_resolves(checkout: Path, index: Index) -> None:
    """The test above can fail: the same lock, installed with its dependencies looked up, stops in these pips."""
    make_environment(checkout, None)
    index.add("base", "1.1", extras=("more",))
    answer = subprocess.run(
        [checkout / ".venv/bin/python", "-m", "pip", "install", "--require-hashes", "-r", "requirements.txt"],
        cwd=checkout, env=environment(index), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if answer.returncode == 0:
        pytest.skip("this pip resolves a lock with extras as it stands")
    assert "must have their versions pinned with ==" in answer.stderr


def test_the_environment_may_stand_elsewhere(checkout: Path, index: Index, tmp_path: Path) -> None:
    answer = run(checkout, index, VENV=str(tmp_path / "elsewhere"))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "elsewhere/bin/python").exists()
    assert not (checkout / ".venv").exists()


def test_a_lock_that_lacks_a_library_is_named_and_not_taken_for_set_up(checkout: Path, index: Index) -> None:
    (checkout / "requirements.txt").write_text(index.lock(("base", "1.0"), ("tool", "1.0")))
    index.add("tool", "1.2", "other>=1.0")
    (checkout / "requirements.txt").write_text(index.lock(("tool", "1.2")))
    for _ in range(2):
        answer = run(checkout, index)
        assert answer.returncode == 1
        assert "tool 1.2 requires other, which is not installed" in answer.stderr
        assert "do not fit together" in answer.stderr
        assert "serving" not in answer.stdout


def test_a_file_that_is_not_the_locked_one_is_refused(checkout: Path, index: Index) -> None:
    index.add("base", "1.0", "other; extra == 'more'", extras=("more",), does="print('altered')")
    answer = run(checkout, index)
    assert answer.returncode != 0
    assert "DO NOT MATCH THE HASHES" in answer.stderr
    assert "serving" not in answer.stdout


def test_nothing_is_built_from_source(checkout: Path, index: Index) -> None:
    """What would build it is in no lock, so its newest release on that day would run."""
    source = next((index.folder / "base").glob("*.whl"))
    source.rename(source.with_name("base-1.0.tar.gz"))
    (index.folder / "base/index.html").write_text('<a href="base-1.0.tar.gz">base-1.0.tar.gz</a>')
    answer = run(checkout, index)
    assert answer.returncode != 0
    assert "No matching distribution found for base==1.0" in answer.stderr


def test_a_second_start_installs_nothing(checkout: Path, index: Index) -> None:
    assert "Installing the libraries" in run(checkout, index).stdout
    shutil.rmtree(index.folder)
    second = run(checkout, index)
    assert second.returncode == 0, second.stderr
    assert "Installing" not in second.stdout
