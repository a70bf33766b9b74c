"""Years of requests before those that the demo tells one by one, drawn from `fixtures/demo/history.yaml` with its seed.

What is drawn are rows as `people.yaml`, `patients.yaml` and `requests.yaml` hold them, so that they take the same way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from utilization.management.demo import Demo, Row
from utilization.management.demo_infusions import drawn_courses

LAST_DAYS = 12
"""The last request of the history begins so many days before the demo is loaded: each comes to its end."""
_YEAR, _MONTH = 365, 30.4
_UNITS = {"m": 1, "h": 60, "d": 24 * 60}
_DENIED = ("denied", "too_little", "withdrawn")


def lengthened(demo: Demo, folder: Path, *, years: int, today: date) -> Demo:
    """`demo` with the history of `folder` before it, `years` long in all; as it is where that is one year."""
    if years == 1:
        return demo
    told = yaml.safe_load((folder / "history.yaml").read_text(encoding="utf-8"))
    added = {site["name"]: site["departments"] for site in told["sites"]}
    drawn = _History(told, (*demo.people, *told["people"]), years * _YEAR, today)
    for site in told["sites"]:
        drawn.fill(site)
    return replace(
        demo,
        days=years * _YEAR,
        sites=tuple({**site, "departments": site["departments"] + added[site["name"]]} for site in demo.sites),
        people=(*demo.people, *({**person, "signs_in": False} for person in told["people"])),
        patients=(*demo.patients, *drawn.patients),
        requests=(*demo.requests, *drawn.requests),
        criteria={**demo.criteria, "publication": told["publication"], "drafts": told["drafts"]},
    )


@dataclass
class _Patient:
    """Somebody on the way through the history: their row, line and prescriber, and days before now."""

    row: Row
    line: Row
    by: str
    site: Row
    day: float


@dataclass
class _History:
    """Patients and requests drawn so far, for hospitals that opened `days` before `today`."""

    told: Row
    people: Sequence[Row]
    days: int
    today: date
    patients: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.told["seed"])  # noqa: S311 - made-up patients, no secret
        # By itself, so that who comes with what does not hang on what is given.
        self.given = Random(self.told["given"]["seed"])  # noqa: S311 - made-up infusions, no secret
        self.names = self._names()
        self.published = int(self.told["publication"]["in_force"][:-1])

    def fill(self, site: Row) -> None:
        """Draw every patient of `site` with their requests."""
        staying = [line for line in self.told["lines"] if "stay" in line]
        for _ in range(site["on_treatment"]):
            self._follow(self._arrive(site, staying, self.days - 60 * self.rng.random()))
        for _ in range(round(site["new_patients"] * (self.days - LAST_DAYS) / _YEAR)):
            day = self.rng.uniform(LAST_DAYS, self.days)
            self._follow(self._arrive(site, self.told["lines"], day))

    # --- Who comes ------------------------------------------------------------------------------------------------

    def _arrive(self, site: Row, lines: Sequence[Row], day: float) -> _Patient:
        """A new patient of one of `lines`, `day` days before today."""
        line = self._weighted(lines, [line["new"] for line in lines])
        by = self.rng.choice(self._prescribers(site, line["department"]))
        sex = self.rng.choice(("female", "male"))
        number = len(self.patients) + 1
        row = {
            "mrn": f"{site['mrn']}{number:03d}{number * 100 % 97:02d}",
            "name": self.names[sex].pop(),
            "sex": sex,
            "born": self.today - timedelta(days=int(day) + round(self.rng.uniform(*line["ages"]) * 365.25)),
            "by": by,
            "measured": self.rng.randrange(6),
            **self._body(sex),
        }
        self.patients.append(row)
        return _Patient(row, line, by, site, day)

    def _body(self, sex: str) -> dict[str, str]:
        height = round(min(max(self.rng.gauss(176 if sex == "male" else 163, 6.5), 148), 199))
        bmi = min(max(self.rng.gauss(26.5, 5), 18.5), 42)
        return {"height_cm": str(height), "weight_kg": f"{bmi * (height / 100) ** 2:.1f}"}

    def _prescribers(self, site: Row, department: str) -> list[str]:
        here = [person for person in self.people if person["site"] == site["name"] and "prescriber" in person["roles"]]
        fitting = [person for person in here if person["department"] == department]
        return [
            person["username"]
            for person in fitting or [person for person in here if person["department"] != "Neurology"]
        ]

    def _names(self) -> dict[str, list[str]]:
        names = {}
        for sex in ("female", "male"):
            names[sex] = [
                f"{family}, {given}" for family in self.told["names"]["family"] for given in self.told["names"][sex]
            ]
            self.rng.shuffle(names[sex])
        return names

    # --- What they come with --------------------------------------------------------------------------------------

    def _follow(self, patient: _Patient) -> None:
        """Draw the first request of `patient` and, while there is a response, the renewals."""
        line = patient.line
        renewed: dict[str, Any] = {}
        case = self._case(patient, line["cases"])
        answers = {**line["answers"], **case.get("answers", {})}
        self._ask(patient, case, answers)
        while case["path"] not in _DENIED and self.rng.random() < line.get("stay", 0):
            months = answers["requested_authorization_months"]
            patient.day -= months * _MONTH + self.rng.choice((-24, -18, -12, -8, -5, 0, 4, 9, 20))
            if patient.day < LAST_DAYS:
                return
            if not renewed or self.rng.random() < 1 / 3:
                renewed = {name: self.rng.choice(choices) for name, choices in line["renewed"].items()}
            case = self._case(patient, self.told["renewals"])
            answers = {**line["answers"], **renewed, "request_type": "renewal", **case["answers"]}
            if "objective_measure" in answers:
                answers["objective_measure"] = self._measure(line["indication"])
            self._ask(patient, case, answers)

    def _case(self, patient: _Patient, cases: Sequence[Row]) -> Row:
        after = patient.day < self.published and patient.site["name"] == self.told["publication"]["site"]
        return self._weighted(cases, [case["share"][after] for case in cases])

    def _measure(self, indication: str) -> str:
        words = self.rng.choice(self.told["measures"].get(indication, self.told["measures"]["other"]))
        return str(words.format(*(self.rng.randrange(4, 30) for _ in range(4))))

    def _ask(self, patient: _Patient, case: Row, answers: Row) -> None:
        told = {
            "patient": patient.row["mrn"],
            "by": patient.by,
            "indication": patient.line["indication"],
            "started": f"{int(patient.day)}d",
            "at": f"{self.rng.randrange(8, 17):02d}:{self.rng.randrange(60):02d}",
            "answers": answers,
            "then": list(self._acts(patient, self.told["paths"][case["path"]])),
        }
        self.requests.append({**told, "given": list(self._courses(patient, told["then"], answers))})

    def _courses(self, patient: _Patient, acts: Sequence[Row], answers: Row) -> Iterator[Row]:
        told = self.told["given"]
        if acts[-1]["do"] == "approve" and patient.day < told["days"]:
            yield from drawn_courses(self.given, told, answers, patient.site["pharmacists"])

    def _acts(self, patient: _Patient, path: Sequence[Row]) -> Iterator[Row]:
        reviewers = {role: self.rng.choice(patient.site[f"{role}s"]) for role in ("pharmacist", "physician")}
        for act in path:
            shortest, longest = (int(text[:-1]) * _UNITS[text[-1]] for text in act["within"])
            minutes = self._between(shortest, longest)
            if patient.line.get("urgent"):
                minutes = max(4, minutes // 5)
            named = {"by": reviewers[act["by"]]} if "by" in act else {}
            kept = {name: value for name, value in act.items() if name != "within"}
            yield {**kept, **named, "after": f"{minutes}m"}

    # --- Chance ---------------------------------------------------------------------------------------------------

    def _between(self, shortest: int, longest: int) -> int:
        """Minutes of which half lie below the geometric mean of the two, as waiting times do."""
        return round(shortest * (longest / shortest) ** self.rng.random())

    def _weighted(self, rows: Sequence[Row], weights: Sequence[float]) -> Row:
        chosen: Mapping[str, Any] = self.rng.choices(rows, weights)[0]
        return chosen
