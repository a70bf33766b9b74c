"""The trial of two hosts says what it lacks, and makes nothing where it cannot run."""

import sys

import pytest

from bench import two_hosts
from bench.hosts import cluster, network, proof


@pytest.fixture
def as_root_on_linux(monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["two_hosts", "1"])
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(network.os, "geteuid", lambda: 0)
    monkeypatch.setattr(network.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(cluster, "programs", lambda: None)
    monkeypatch.setattr(two_hosts.tempfile, "mkdtemp", pytest.fail)


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        (("geteuid", lambda: 1000), "needs root"),
        (("which", lambda name: None), "needs ip and mount and umount and runuser"),
        (("platform", "darwin"), "needs Linux"),
        (None, "needs PostgreSQL's server programs"),
    ],
)
def test_it_says_what_it_lacks_and_ends_with_2(as_root_on_linux, monkeypatch, capsys, lacks, says) -> None:
    places = {"geteuid": network.os, "which": network.shutil, "platform": sys}
    if lacks:
        monkeypatch.setattr(places[lacks[0]], *lacks)
    assert two_hosts.main() == 2
    assert says in capsys.readouterr().err


def test_percentiles_are_of_what_was_answered() -> None:
    assert proof.percentiles([]) == "nothing answered"
    told = proof.percentiles([float(place) for place in range(1, 101)])
    assert told == "p50 51 ms, p95 96 ms, p99 100 ms, most 100 ms (100 answers)"
