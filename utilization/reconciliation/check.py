"""The whole check: entries beside requests followed first, then every table held against what was told."""

from collections.abc import Callable

from django.db import connection

from utilization.access_batches import READS, SIGN_INS
from utilization.models import guards
from utilization.reconciliation.access import BatchReplay
from utilization.reconciliation.attachments import hold_contents
from utilization.reconciliation.beside import Packs, PatientMoves
from utilization.reconciliation.comparison import FAULTS, RowComparison
from utilization.reconciliation.criteria import CriteriaReplay, hold_packs
from utilization.reconciliation.entries import FollowedLog, ToldEntry, entries_beside_requests
from utilization.reconciliation.findings import UNGUARDED, UNREADABLE, Discrepancy, Reconciliation, RowPlace, Tally
from utilization.reconciliation.forgotten import forgotten_salts
from utilization.reconciliation.patients import PatientReplay
from utilization.reconciliation.people import PeopleReplay
from utilization.reconciliation.requests import hold_requests
from utilization.reconciliation.sign_on import SignOnReplay
from utilization.reconciliation.signatures import PasskeyReplay
from utilization.reconciliation.snapshot import one_moment


def reconcile() -> Reconciliation:
    """Hold every row that is evidence against the entries of the log, as the database is at this moment.

    Nobody waits for it. Entries themselves are for `event_log.verify` to check: here they are believed.
    """
    tally = Tally()
    with one_moment():
        log = FollowedLog.now()
        for trigger, table in guards.faults(connection):
            tally.add(Discrepancy(UNGUARDED, RowPlace(table, trigger)))
        _hold(RowComparison(tally, forgotten_salts(log.size, tally)), log)
    return tally.result(log.size)


def _hold(comparison: RowComparison, log: FollowedLog) -> None:
    packs, moves = Packs.read(), PatientMoves()
    signatures, sign_on = PasskeyReplay(), SignOnReplay()
    patients, people, criteria = PatientReplay(), PeopleReplay(), CriteriaReplay(packs)
    access, sign_ins = BatchReplay(READS), BatchReplay(SIGN_INS)
    takers: dict[str, tuple[Callable[[ToldEntry], None], ...]] = {
        "patient": (patients.take, moves.take), "criteria": (criteria.take,), "access": (access.take,),
        "sign_ins": (sign_ins.take,),
        "passkey": (signatures.take,), "second_step": (people.take, signatures.take),
        "sign_on": (people.take, sign_on.take),
    }  # fmt: skip
    for entry in entries_beside_requests(log):
        try:
            for take in takers.get(entry.type.split(".")[0], (people.take,)):
                take(entry)
        except FAULTS:
            comparison.tally.add(
                Discrepancy(UNREADABLE, RowPlace("utilization_event", str(entry.seq), entry.seq, entry.site))
            )
    people.hold(comparison)
    patients.hold(comparison)
    hold_packs(comparison)
    criteria.hold(comparison)
    hold_requests(comparison, packs, moves, log)
    hold_contents(comparison, log)
    sign_on.hold(comparison)
    signatures.hold(comparison.tally)
    access.hold(comparison.tally)
    sign_ins.hold(comparison.tally)
