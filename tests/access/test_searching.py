"""Searching patients, held against a naive reading of every patient; the same on both databases."""

import random
import unicodedata
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access.hospital import AT
from utilization import access
from utilization.models import AccessEntry, Patient, PatientKey
from utilization.rules.lifecycle import Status
from utilization.workflow.patients import write_keys


def _patients(hospital, told):
    """Patients of (mrn, name, birth date) at `hospital`."""
    patients = []
    for mrn, name, born in told:
        patient = Patient.objects.create(
            site=hospital.site, mrn=mrn, name=name, date_of_birth=born, sex="female", created_at=AT, updated_at=AT,
            created_by=hospital["prescriber"], updated_by=hospital["prescriber"],
        )  # fmt: skip
        write_keys(patient)
        patients.append(patient)
    return patients


# --- The naive reading --------------------------------------------------------------------------------------------


def words_of(text):
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in plain.casefold()).split()


def cut(words):
    """Every way to write neighbouring words, three at most, as one."""
    if not words:
        yield []
    for size in (1, 2, 3):
        if size <= len(words):
            for rest in cut(words[size:]):
                yield ["".join(words[:size]), *rest]


def is_cjk(char):
    return "\u4e00" <= char <= "\u9fff"


def fits(word, name, alone):
    """Whether some run of words of `name` begins with `word`, or is `word` where one letter stands `alone`."""
    words = words_of(name)
    runs = ["".join(words[i : i + size]) for i in range(len(words)) for size in (1, 2, 3)]
    runs += [run[place:] for run in runs for place in range(1, len(run)) if is_cjk(run[place])]
    return any(run == word if alone else run.startswith(word) for run in runs)


def naively_found(typed, patients):
    keys = set()
    digits = "".join(char for char in typed if char.isalnum()).casefold().lstrip("0")
    for patient in patients:
        bare = "".join(char for char in patient.mrn if char.isalnum()).casefold().lstrip("0")
        if len(digits) > 1 and bare.startswith(digits):
            keys.add(patient.pk)
        for groups in cut(words_of(typed)):
            alone = all(len(group) == 1 and not is_cjk(group) for group in groups)
            if groups and all(fits(group, patient.name, alone) for group in groups):
                keys.add(patient.pk)
    return keys


SYLLABLES = ["an", "o", "bri", "en", "mü", "lé", "李", "小", "x", "ka", "Ó", "zè"]


def a_name(chance):
    def word():
        return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))).title()

    name = word()
    for _ in range(chance.randint(0, 3)):
        name += chance.choice([" ", "-", "'", "’", ", ", " "]) + word()
    return name


def test_what_is_found_is_what_a_naive_reading_finds(north):
    chance = random.Random(20)
    told = [(f"{chance.randint(0, 9999):05}-{place:03}", a_name(chance), date(1960, 1, 1)) for place in range(70)]
    patients = _patients(north, told)
    everybody = [*patients, north.patient]
    compared = 0
    for _ in range(250):
        source = chance.choice(everybody)
        typed = chance.choice([source.name, source.mrn, a_name(chance), "".join(chance.choices(SYLLABLES, k=2))])
        typed = typed[: chance.randint(1, len(typed))] if chance.random() < 0.5 else typed
        parts = typed.split()
        if chance.random() < 0.5 and not any(char.isdigit() for char in typed):
            chance.shuffle(parts)
        typed = " ".join(parts).swapcase()
        # Letters with a mark are also found spelt out, which the naive reading does not know.
        wanted = naively_found(typed, everybody)
        shown = {patient.pk for patient in access.search_patients(north["prescriber"], typed, at=AT)}
        if len(wanted) < access.MAX_FOUND:
            compared += bool(wanted)
            assert shown == wanted, typed
        else:
            assert len(shown) == access.MAX_FOUND
            assert shown <= wanted
    assert compared > 80


# --- By hand ------------------------------------------------------------------------------------------------------


@pytest.fixture
def marisol(north):
    return _patients(north, [("0048-2217", "Vantongeren-O’Hara, Marisol", date(1968, 2, 14))])[0]


@pytest.mark.parametrize(
    "typed",
    [
        "0048-2217", "0048 2217", "00482217", "482217", "48-2217", "MRN: 0048 2217", "0048", "1968-02-14",
        "14 Feb 1968", "14/02/1968", "14.2.68", "marisol", "Marisol Vantongeren", "VANTONGEREN, MARISOL", "ohara",
        "o'hara", "O hara", "van tongeren", "marisol 14 Feb 1968", "14021968", "Vantongeren DOB: 14 Feb 1968",
        "dob 1968-02-14", "born 14.2.1968", "Ms Vantongeren", "Dr. O'Hara", "vantongeren ohara marisol", "mari vant",
    ],
)  # fmt: skip
def test_a_patient_is_found_by_mrn_birth_date_and_name(north, south, marisol, typed):
    _patients(south, [("0048-2217", "Vantongeren-O’Hara, Marisol", date(1968, 2, 14))])
    assert access.search_patients(north["prescriber"], typed, at=AT) == [marisol]


def test_a_name_with_another_birth_date_finds_nobody(north, marisol):
    assert access.search_patients(north["prescriber"], "marisol 15 Feb 1968", at=AT) == []


def test_an_ambiguous_date_finds_both_readings(north):
    june, may = _patients(north, [("1", "June", date(1968, 6, 5)), ("2", "May", date(1968, 5, 6))])
    assert access.search_patients(north["prescriber"], "05/06/1968", at=AT) == [june, may]


def test_the_very_mrn_comes_first_and_then_the_family_name(north):
    told = [("12", "Zed, A", date(1950, 1, 1)), ("123", "Abel, B", date(1950, 1, 1)), ("124", "Cole", date(1950, 1, 1))]
    _patients(north, told)
    assert [patient.name for patient in access.search_patients(north["prescriber"], "12", at=AT)] == [
        "Zed, A",
        "Abel, B",
        "Cole",
    ]


@pytest.mark.parametrize("typed", ["42", "00042"])
def test_an_mrn_that_is_the_same_but_for_zeros_comes_before_those_that_begin_so(north, typed):
    told = [("0042", "Zed, A", date(1950, 1, 1)), ("42-7", "Abel, B", date(1950, 1, 1))]
    _patients(north, told)
    assert [patient.mrn for patient in access.search_patients(north["prescriber"], typed, at=AT)] == ["0042", "42-7"]


def test_a_word_that_labels_a_date_is_a_name_where_there_is_none(north):
    (max_born,) = _patients(north, [("1", "Born, Max", date(1950, 1, 1))])
    assert access.search_patients(north["prescriber"], "born max", at=AT) == [max_born]
    (miss,) = _patients(north, [("2", "Miss, Ada", date(1950, 1, 1))])
    assert access.search_patients(north["prescriber"], "miss", at=AT) == [miss]


def test_a_patient_with_many_keys_that_begin_alike_hides_nobody(north):
    alike = " ".join(f"ann{letter}{other}" for letter in "abcdefgh" for other in "abcdefg")[:120]
    told = [(f"7{place}", alike, date(1950, 1, 1)) for place in range(6)] + [("99", "annzz", date(1950, 1, 1))]
    patients = _patients(north, told)
    assert len(access.search_patients(north["prescriber"], "ann", at=AT)) == len(patients)


def test_a_common_name_is_read_no_further_than_is_shown(north, django_assert_max_num_queries):
    _patients(north, [(f"7{place:03}", f"Ann, Annie Anna {place:03}", date(1950, 1, 1)) for place in range(60)])
    with django_assert_max_num_queries(6):
        shown = access.search_patients(north["prescriber"], "ann", at=AT)
    assert len(shown) == access.MAX_FOUND


def test_who_works_at_two_hospitals_finds_the_patients_of_both(north, south, marisol):
    other = _patients(south, [("5", "Vantongeren, Ann", date(1950, 1, 1))])[0]
    south.site.memberships.create(user=north["prescriber"], role="auditor", started_at=AT)
    assert access.search_patients(north["prescriber"], "vantongeren", at=AT) == [other, marisol]


def test_a_search_while_typing_is_one_read_of_each_a_working_day(north, marisol):
    for typed in ("mar", "mari", "maris"):
        access.search_patients(north["prescriber"], typed, at=AT, same_page=True)
    assert AccessEntry.objects.filter(what="search").count() == 1


def test_a_search_reads_along_an_index(north):
    _patients(north, [(f"6{place}", f"Nobody {place}", date(1950, 1, place % 28 + 1)) for place in range(30)])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        access.search_patients(north["prescriber"], "nobody an 14 Feb 1968", at=AT)
        access.search_patients(north["prescriber"], "14 Feb 1968", at=AT)
        access.alike(north.site, mrn="61", name="Nobody An", date_of_birth=date(1950, 1, 2))
    wanted = [text["sql"] for text in asked if "patientkey" in text["sql"] or "date_of_birth" in text["sql"]]
    assert len(wanted) > 5
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in wanted:
            cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
            plan = "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())
            assert "SCAN utilization_patient" not in plan.replace("SCAN U0 USING", "")
            assert "Seq Scan on utilization_patient" not in plan


def test_keys_are_compared_by_bytes(north):
    """Whatever the database's own order: a range that begins with a word holds all that begins so."""
    _patients(
        north, [("1", "zoé", date(1950, 1, 1)), ("2", "Ω Zz", date(1950, 1, 1)), ("3", "zo 李", date(1950, 1, 1))]
    )
    keys = list(PatientKey.objects.filter(kind="name").order_by("key").values_list("key", flat=True))
    assert keys == sorted(keys, key=lambda key: key.encode())


# --- The same person twice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mrn", "name", "born", "told"),
    [
        ("77", "Vantongeren, Marisol", date(1968, 2, 14), ("", "same", "same")),
        ("77", "van Tongeren, M.", date(1968, 2, 14), ("", "alike", "same")),
        ("77", "ＯＨＡＲＡ Marisól", date(1968, 2, 14), ("", "same", "same")),
        ("77", "Weber, Marisol", date(1968, 2, 14), ("", "alike", "same")),
        ("77", "Vantongeren O'Hara, Marisol", date(1968, 9, 14), ("", "same", "alike")),
        ("77", "Vantongeren O'Hara, Marisol", date(1986, 2, 14), None),
        ("482217", "Nobody", date(1990, 1, 1), ("same", "", "")),
        ("0048 2271", "Nobody", date(1990, 1, 1), ("alike", "", "")),
        ("0048 217", "Nobody", date(1990, 1, 1), ("alike", "", "")),
        ("0048 22177", "Nobody", date(1990, 1, 1), ("alike", "", "")),
        ("77", "Nobody", date(1968, 2, 14), None),
        ("77", "Vantongeren, Marisol", date(1944, 7, 1), None),
        ("", "", None, None),
    ],
)
def test_who_may_be_the_same_is_pointed_out(north, south, marisol, mrn, name, born, told):
    likenesses = access.alike(north.site, mrn=mrn, name=name, date_of_birth=born)
    assert [(likeness.patient, likeness.mrn, likeness.name, likeness.date_of_birth) for likeness in likenesses] == (
        [(marisol, *told)] if told else []
    )
    assert access.alike(south.site, mrn=mrn, name=name, date_of_birth=born) == []
    assert access.alike(north.site, mrn=mrn, name=name, date_of_birth=born, besides=marisol) == []


def test_the_likest_come_first_and_not_too_many(north, marisol):
    _patients(north, [(f"0048-22{place}7", f"Other {place}", date(1950, 1, 1)) for place in range(2, 10)])
    likenesses = access.alike(north.site, mrn="0048 2217", name="Vantongeren, Marisol", date_of_birth=date(1968, 2, 14))
    assert len(likenesses) == access.MOST_ALIKE
    assert (likenesses[0].patient, likenesses[0].mrn_is_same) == (marisol, True)


# --- Before anything is typed -------------------------------------------------------------------------------------


def test_recent_patients_are_those_of_the_person_and_the_department(north, south, marisol):
    other = _patients(north, [("5", "Theirs, A", date(1950, 1, 1))])[0]
    north.request(Status.APPROVED)
    marisol.created_by = other.created_by = north["other department"]
    marisol.save()
    other.save()
    assert access.recent_patients(north["prescriber"], at=AT) == [north.patient]
    assert access.recent_patients(north["other department"], at=AT) == [other, marisol]
    assert access.recent_patients(south["prescriber"], at=AT) == [south.patient]
    assert AccessEntry.objects.filter(what="list").count() == 4
    access.recent_patients(north["prescriber"], at=AT)
    assert AccessEntry.objects.filter(what="list").count() == 4
