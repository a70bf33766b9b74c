"""Work that takes too much is ended and said so; a person has one at a time; the answer is what the work finds."""

import json
import subprocess
import sys
import threading
import time
from datetime import date
from decimal import Decimal

import pytest

from tests.formulary.acts import pack_text
from utilization import criteria
from utilization.limited_process import run as running
from utilization.limited_process import work
from utilization.limited_process.run import BUSY, FAILED, MEMORY, TIME, Ended, run
from utilization.rules.facts.values import BadInput
from utilization.rules.judging.judge import Judgement

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
if sys.argv[1] == "crash":
    sys.exit(1)
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
    # Long enough for a busy machine to start a process in: what is not about the clock must not end by it.
    monkeypatch.setattr(running, "WALL_SECONDS", 120)
    return run


@pytest.mark.long
@pytest.mark.parametrize(("task", "why", "for_good", "stage"), [
    ("spin", TIME, True, "spinning"),
    ("hoard", MEMORY, True, "hoarding"),
    ("fail", FAILED, True, ""),
    ("crash", FAILED, True, ""),
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
    assert time.monotonic() - began < 50, "it would have slept for a minute"


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
    [(_, until_it_ended)] = [each for each in told if each[0] == TIME]
    assert max(seconds for why, seconds in told if why == BUSY) < until_it_ended


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


def test_what_is_worked_out_once_it_is_read_counts_in_the_time_of_a_case(monkeypatch):
    def spin(judgement):
        while True:
            pass

    monkeypatch.setattr(work, "CASE_SECONDS", 0.05)
    monkeypatch.setattr(Judgement, "as_record", spin)
    with pytest.raises(BadInput, match="takes longer than"):
        work._within_a_second(
            criteria.builtin_pack(), "cidp", {}, tables=criteria.reference_tables(), as_of=date(2026, 11, 21)
        )
