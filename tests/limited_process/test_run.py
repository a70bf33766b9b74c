"""Work that takes too much is ended and said so; a person has one at a time; the answer is what the work finds."""

import json
import subprocess
import sys
import threading
import time
from decimal import Decimal

import pytest

from tests.formulary.acts import pack_text
from utilization import criteria
from utilization.limited_process import run as running
from utilization.limited_process.run import BUSY, FAILED, MEMORY, TIME, Ended, run

HOSTILE = """\
import sys
from utilization.limited_process import work
def spin(job):
    work.tell("spinning")
    while True: pass
def hoard(job):
    work.tell("hoarding")
    kept = []
    while True: kept.append(bytes(50_000_000))
def fail(job):
    raise KeyError("a patient's name")
def sleep(job):
    import time
    time.sleep(60)
work.CPU_SECONDS = 1
work.main(sys.argv[1], {"spin": spin, "hoard": hoard, "fail": fail, "sleep": sleep})
"""


@pytest.fixture
def hostile(monkeypatch):
    """`run` with tasks that nobody wrote well, in the same process with the same limits, but for a second of work."""
    real = subprocess.Popen

    def start(command, **more):
        return real([sys.executable, "-c", HOSTILE, command[-1]], **more)

    monkeypatch.setattr(running.subprocess, "Popen", start)
    monkeypatch.setattr(running, "WALL_SECONDS", 8)
    return run


@pytest.mark.parametrize(("task", "why", "for_good", "stage"), [
    ("spin", TIME, True, "spinning"),
    ("hoard", MEMORY, True, "hoarding"),
    ("fail", FAILED, True, ""),
])  # fmt: skip
def test_work_that_takes_too_much_or_fails_is_ended_with_words(hostile, task, why, for_good, stage):
    with pytest.raises(Ended) as ended:
        hostile(task, {}, "1")
    assert (ended.value.why, ended.value.for_good, ended.value.stage) == (why, for_good, stage)
    assert stage in ended.value.words
    assert "patient" not in ended.value.words + ended.value.failure


def test_work_that_waits_is_ended_by_the_clock_and_may_be_tried_again(hostile, monkeypatch):
    monkeypatch.setattr(running, "WALL_SECONDS", 3)
    began = time.monotonic()
    with pytest.raises(Ended) as ended:
        hostile("sleep", {}, "1")
    assert (ended.value.why, ended.value.for_good) == (TIME, False)
    assert time.monotonic() - began < 10


def test_of_nine_clicks_of_one_person_one_runs_and_eight_are_answered_soon(hostile, monkeypatch):
    monkeypatch.setattr(running, "WALL_SECONDS", 5)
    monkeypatch.setattr(running, "WAIT_SECONDS", 0.2)
    told, lock = [], threading.Lock()

    def click():
        began = time.monotonic()
        with pytest.raises(Ended) as ended:
            hostile("sleep", {}, "7")
        with lock:
            told.append((ended.value.why, time.monotonic() - began))

    clicks = [threading.Thread(target=click) for _ in range(9)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(why for why, _ in told) == [BUSY] * 8 + [TIME]
    assert max(seconds for why, seconds in told if why == BUSY) < 3


def test_two_persons_do_not_wait_for_each_other(hostile, monkeypatch):
    monkeypatch.setattr(running, "WALL_SECONDS", 3)
    told = []

    def click(who):
        with pytest.raises(Ended) as ended:
            hostile("sleep", {}, who)
        told.append(ended.value.why)

    clicks = [threading.Thread(target=click, args=(who,)) for who in "12"]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert told == [TIME, TIME]


def test_a_case_comes_to_the_same_there_as_here():
    job = {"packs": [pack_text()], "indication": "cidp", "facts": {"age_years": Decimal("52"), "nonsense": "x"},
           "as_of": "2026-03-02", "emergency": False, "tables": dict(criteria.reference_tables().files)}  # fmt: skip
    side = run("judge", json.loads(json.dumps(job, default=running.marked)), "1")["sides"][0]
    assert side["unknown"] == ["nonsense"]
    assert side["record"]["outcome"] == "meets"
