"""The history of a site: every filed request by its newest submission, and nobody's name."""

from datetime import timedelta

import pytest

from tests.cast import AT, IBM, Cast, a_draft, a_request
from tests.replay.histories import TABLES
from utilization import criteria, replay
from utilization.replay.history import filed, history
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.django_db


@pytest.mark.long
def test_rows_are_the_filed_requests_of_the_site_with_what_became_of_them(tmp_path):
    cast = Cast()
    a_draft(cast)
    waiting = a_request(cast)
    approved = a_request(cast, Status.APPROVED, patient=cast.a_patient(mrn="N-2"))
    denied = a_request(cast, Status.DENIED, indication="ibm", answers=IBM, patient=cast.a_patient(mrn="N-3"))
    on = AT.date() + timedelta(days=1)
    rows = {row.uid: row for row in history(cast.north, on)}
    assert {uid: row.kind for uid, row in rows.items()} == {
        str(waiting.uid): "open", str(approved.uid): "authorization", str(denied.uid): "history"}  # fmt: skip
    assert filed(cast.north) == 3
    assert list(history(cast.south, on)) == []
    row = rows[str(approved.uid)]
    assert (row.indication, row.judged, row.grams) == ("cidp", "meets", approved.grams)
    assert row.facts == approved.latest.facts
    # Approved, and not begun yet: no authorization that is live.
    assert {row.kind for row in history(cast.north, AT.date() - timedelta(days=30))} == {"open", "history"}
    # Long after, the authorization is past; and what was written is judged again to what it came to.
    assert {row.kind for row in history(cast.north, on + timedelta(days=4000))} == {"open", "history"}
    pack = criteria.builtin_pack()
    place = replay.write(history(cast.north, on), tmp_path / "history", pack, TABLES)
    assert replay.columns_outcomes(place, pack, TABLES) == {uid: row.judged for uid, row in rows.items()}
    assert not any(b"Canary" in file.read_bytes() or b"N-1001" in file.read_bytes() for file in place.iterdir())
