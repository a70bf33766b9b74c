"""How a patient's record and its corrections are told."""

from types import SimpleNamespace

import pytest

from utilization.templatetags.patients import change_words, height_words, weight_words


@pytest.mark.parametrize(
    ("field", "old", "new", "told"),
    [
        ("date_of_birth", "1968-05-01", "1968-05-11", ("Birth date", "1 May 1968", "11 May 1968")),
        ("died_on", "", "2026-03-02", ("Died on", "nothing", "2 Mar 2026")),
        ("died_on", "2026-03-02", None, ("Died on", "2 Mar 2026", "nothing")),
        ("mrn", "2026-01-02", "2026-01-03", ("MRN", "2026-01-02", "2026-01-03")),
        ("name", "Canary, Ambros", "Canary, Ambrose", ("Name", "Canary, Ambros", "Canary, Ambrose")),
    ],
)
def test_a_correction_tells_its_days_in_words_and_all_else_as_typed(field, old, new, told):
    (line,) = change_words(SimpleNamespace(changes=[{"field": field, "old": old, "new": new}]))
    assert (line["label"], line["old"], line["new"]) == told


def test_a_measure_never_parts_from_its_unit():
    filed = {"weight_kg": "89.811", "weight_typed": "198 lb", "height_cm": "162.56", "height_typed": "5 ft 4 in"}
    assert (weight_words(filed), height_words(filed)) == ("198 lb = 89.8\u202fkg", "5 ft 4 in = 162.6\u202fcm")
    assert (weight_words({"weight_kg": "82.500"}), height_words({})) == ("82.5\u202fkg", "")
