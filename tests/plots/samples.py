"""Plots of made-up figures, one of each kind as a report has them, and of everything that is hard to draw."""

from datetime import date, timedelta
from decimal import Decimal

from utilization import plots
from utilization.rules.statistics.funnel import funnel
from utilization.rules.statistics.p_prime import p_prime
from utilization.rules.statistics.rare_events import rare_events
from utilization.rules.statistics.survival import kaplan_meier
from utilization.rules.statistics.xmr import xmr

GRAMS = [
    5210, 5480, 5390, 5620, 5560, 5330, 5710, 5600, 5420, 5780, 5660, 5510, 5690, 5820, 5600, 5740,
    5350, 5180, 5020, 5090, 4890, 5010, 4860, 4930,
]  # fmt: skip
OFF = [
    (5, 33), (4, 31), (6, 36), (5, 35), (4, 34), (6, 33), (5, 32), (3, 30), (5, 34), (6, 35), (4, 33), (5, 34),
    (2, 32), (3, 33), (2, 31), (3, 34), (2, 33), (3, 31), (2, 32), (3, 33), (2, 34), (3, 33), (2, 32), (4, 31),
]  # fmt: skip
NAMES = [
    "Chronic inflammatory demyelinating polyneuropathy", "Myasthenia gravis", "Multifocal motor neuropathy",
    "Primary immunodeficiency", "Immune thrombocytopenia", "Guillain-Barré syndrome", "Dermatomyositis",
    "Secondary immunodeficiency", "Other (5 indications, fewer than 11 patients each)",
]  # fmt: skip
AMOUNTS = [20850, 12010, 9480, 6320, 4740, 3790, 2530, 1900, 1560]
PATIENTS = [45, 39, 19, 26, 30, 18, 12, 12, 13]
LONG = "Paediatric autoimmune neuropsychiatric disorder after streptococcal infection with encephalitis and mutism"


def month_days(count, first=date(2024, 12, 1)):
    return [date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1) for i in range(count)]


def grams_chart(values=GRAMS, at=16, label="criteria 1.1, 1 Apr 2026", **more):
    periods = plots.months(month_days(len(values)))
    marks = ((at, label),) if at else ()
    series = plots.Series("grams", "Scheduled grams", periods, "g", publications=marks, **more)
    return plots.control_chart(series, xmr(values, publications=[place for place, _ in marks]))


def off_chart(counts=OFF):
    series = plots.Series(
        "off", "Approvals off criteria", plots.months(month_days(len(counts))), "%", 1, share=True, better="lower",
        publications=((12, "criteria 1.1, 1 Dec 2025"),),
    )  # fmt: skip
    return plots.control_chart(series, p_prime(counts, publications=(12,)))


def hours_chart():
    values = [26, 31, 28, 24, 29, 33, 27, 25, 30, 28, 61, 27, 22, 21, 19, 20, 18, 17, 19, 16, 18, 17, 15, 16]
    series = plots.Series("hours", "Median hours to decision", plots.months(month_days(24)), "h", 0, better="lower")
    return plots.control_chart(series, xmr(values))


def gaps_chart():
    gaps = [12, 40, 3, 22, 31, 9, 55, 18, 27, 140, 16, 33, 21]
    days = [date.fromordinal(date(2025, 1, 5).toordinal() + sum(gaps[: i + 1])) for i in range(len(gaps))]
    series = plots.Series(
        "gaps", "Days between overturned emergencies", plots.single_days(days), "days", period="event", better="higher"
    )
    return plots.control_chart(series, rare_events(gaps))


def grams_bars():
    total = sum(AMOUNTS)
    bars = [
        plots.Bar(name, grams, f"{Decimal(grams * 100) / total:.1f}\u202f%, {patients} patients",
                  "idle" if name.startswith("Other") else "accent")
        for name, grams, patients in zip(NAMES, AMOUNTS, PATIENTS, strict=True)
    ]  # fmt: skip
    words = plots.BarWords(
        "Four indications hold 77.0\u202f% of the grams", "Grams by indication", "Indication", "Grams", "g"
    )
    return plots.bar_plot("indications", words, bars)


def outcome_bars():
    words = plots.BarWords("31 of 389 approvals did not meet criteria", "Outcome by decision", "Decision", "Requests")
    parts = ["Meets criteria", "Needs information", "Needs review", "Does not meet criteria"]
    bars = [
        plots.Divided("Approved", (312, 20, 26, 31)),
        plots.Divided("Denied", (2, 4, 5, 21)),
        plots.Divided("Withdrawn", (6, 9, 2, 0)),
    ]
    return plots.divided_bar_plot("outcomes", words, parts, bars)


LATE = [(2, 8), (3, 11), (2, 9), (1, 10), (2, 12), (1, 9), (1, 10), (0, 8), (1, 11), (0, 9), (1, 12), (0, 9)]


def month_columns(counts=LATE, at=((4, "criteria 1.1, 1 Apr 2026"),), first=date(2025, 12, 1)):
    words = plots.ColumnWords(
        "By month decided: did not meet criteria, of all approvals",
        "approvals by month decided, and how many of them did not meet criteria",
        "did not meet criteria", "all approvals",
    )  # fmt: skip
    periods = plots.months(month_days(len(counts), first))
    columns = [plots.MonthColumn(period, part, whole) for period, (part, whole) in zip(periods, counts, strict=True)]
    return plots.column_plot("months", words, columns, [(Decimal(place), label) for place, label in at])


def dose_strips():
    strips = []
    for place, name in enumerate(NAMES[:5]):
        ceiling = [Decimal(2), Decimal(2), Decimal(2), Decimal("0.6"), Decimal(1)][place]
        count = [140, 90, 45, 60, 3][place]
        values = [ceiling * (50 + (i * 37 + place * 11) % 57) / 100 for i in range(count)]
        strips.append(plots.Strip(name, [value.quantize(Decimal("0.01")) for value in values], ceiling))
    return plots.strip_plot("dose", "Dose asked", strips, unit="g/kg")


def department_funnel():
    groups = [
        ("Dermatology", 3, 14), ("Emergency", 9, 22), ("Haematology", 11, 118), ("Immunology", 6, 96),
        ("Internal medicine", 13, 61), ("Neurology", 9, 187), ("Paediatrics", 5, 40), ("Rheumatology", 4, 27),
        ("Transplant", 1, 7),
    ]  # fmt: skip
    return plots.funnel_plot(
        "departments", "Approved off criteria, by department", funnel(groups), of="approvals", better="lower"
    )


def therapy_curves():
    curves = []
    for place, name in enumerate(NAMES[:3]):
        observed = [
            ((i * (37 + place * 9)) % (620 - place * 120) + 21, i % (3 + place) != 0) for i in range(90 - place * 25)
        ]
        curves.append((name, kaplan_meier(observed)))
    return plots.survival_plot("therapy", "Time on authorized therapy", curves)


def usual():
    """One of each kind, as a report has them."""
    return [
        grams_chart(), grams_bars(), off_chart(), outcome_bars(), hours_chart(), dose_strips(), department_funnel(),
        therapy_curves(), gaps_chart(), month_columns(),
    ]  # fmt: skip


def hard():
    """What is hard to draw: nothing, one, zeros, huge numbers, long names, limits below zero, gaps, many points."""
    words = plots.BarWords("Few", "Grams by indication", "Indication", "Grams", "g")
    one_day = plots.months(month_days(1))
    return [
        grams_chart([], at=0),
        grams_chart([None, None], at=0),
        grams_chart([5210], at=0),
        grams_chart([5210, 5300], at=0),
        grams_chart([0] * 14, at=0),
        grams_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], at=0),
        grams_chart([10**9 * (5 + i % 3) for i in range(20)], at=12),
        grams_chart([10**30, 10**30 + 1], at=0),
        grams_chart([5, None, 7, 6, None, None, 8, 5, 6, 7, 5, 6, 7, 8, 4], at=13, label=LONG),
        grams_chart([300 + i * 7 % 50 for i in range(120)], at=60),
        grams_chart(GRAMS + GRAMS[:6], at=16),
        grams_chart([-5, 3, -2, 6, 1, -7, 2], at=0),
        off_chart([(0, 10)] * 8 + [(0, 0)] + [(0, 12)] * 8),
        off_chart([(3, 3)] * 13),
        plots.control_chart(
            plots.Series("one", "Approvals off criteria", one_day, "%", 1, share=True), p_prime([(1, 3)])
        ),
        plots.bar_plot("none", words, []),
        plots.bar_plot("one", words, [plots.Bar("CIDP", 5)]),
        plots.bar_plot("zero", words, [plots.Bar("CIDP", 0, "0 %"), plots.Bar("MG", 0, "0 %")]),
        plots.bar_plot(
            "long",
            words,
            [
                plots.Bar(LONG, 10**12, "99.9 %, 1 234 567 patients"),
                plots.Bar("王小明" * 20, 1),
                plots.Bar("W" * 90, 0),
            ],
        ),
        plots.bar_plot("many", words, [plots.Bar(f"Indication {i}", 40 - i) for i in range(30)]),
        plots.divided_bar_plot("d-none", words, ["a", "b"], []),
        plots.divided_bar_plot(
            "d-zero", words, ["a", LONG], [plots.Divided(LONG, (0, 0)), plots.Divided("x", (1, 10**9))]
        ),
        plots.divided_bar_plot(
            "d-five",
            words,
            list("abcde"),
            [plots.Divided("x", (9, 9, 9, 9, 9)), plots.Divided("y", (1, 0, 0, 0, 1))],
            whole=True,
        ),
        month_columns([], at=()),
        month_columns([(0, 0)] * 3, at=()),
        month_columns([(1, 1)], at=((0, LONG), ("0.5", LONG))),
        month_columns([(0, 4), (0, 0)], at=((1, "criteria 1.1, 1 Jan 2026"),)),
        month_columns(
            LATE[:7], at=((0, "criteria 1"), ("0.1", "criteria 2"), (6, LONG), ("6.9", "criteria 1.3, 28 Jun"))
        ),
        month_columns([*LATE, (4, 13)], at=((12, LONG),)),
        month_columns([*LATE, *LATE], at=((3, "criteria 1.1, 1 Mar 2026"), ("3.4", "criteria 1.2, 13 Mar 2026"))),
        month_columns([(part * 100, whole * 100) for part, whole in [*LATE, *LATE]]),
        month_columns([(1, 10**9), (0, 1), (10**8, 10**8)], at=()),
        plots.strip_plot("s-none", "Dose asked", [], unit="g/kg"),
        plots.strip_plot(
            "s-odd",
            "Dose asked",
            [
                plots.Strip(LONG, [Decimal("0.4")]),
                plots.Strip("Empty", []),
                plots.Strip("Zero", [Decimal(0)] * 3, Decimal(0)),
                plots.Strip("Far", [Decimal(40), Decimal(1)], Decimal(2)),
            ],
            unit="g/kg",
        ),
        plots.strip_plot(
            "s-many",
            "Dose asked",
            [plots.Strip("CIDP", [Decimal(i % 40) / 20 for i in range(5000)], Decimal("1.5"))],
            unit="g/kg",
        ),
        plots.funnel_plot("f-none", "Off criteria", None, of="approvals"),
        plots.funnel_plot("f-small", "Off criteria", funnel([("A", 1, 9), ("B", 0, 3)]), of="approvals"),
        plots.funnel_plot("f-one", "Off criteria", funnel([(LONG, 5, 40)]), of="approvals"),
        plots.funnel_plot("f-zero", "Off criteria", funnel([("A", 0, 40), ("B", 0, 12)]), of="approvals"),
        plots.funnel_plot(
            "f-large",
            "Off criteria",
            funnel([("A", 9000, 100000), ("B", 120, 800), (LONG, 30, 90), ("D", 25, 88)]),
            of="approvals",
        ),
        plots.survival_plot("k-none", "Time on therapy", []),
        plots.survival_plot("k-few", "Time on therapy", [("CIDP", kaplan_meier([(5, True)] * 9))]),
        plots.survival_plot("k-one", "Time on therapy", [("CIDP", kaplan_meier([(i * 50, True) for i in range(40)]))]),
        plots.survival_plot(
            "k-all",
            "Time on therapy",
            [
                (LONG, kaplan_meier([(i % 9 * 3, i % 2 > 0) for i in range(80)])),
                ("None ended", kaplan_meier([(300 + i, False) for i in range(20)])),
            ],
        ),
        patient_courses("p-none", [], []),
        patient_courses("p-outside", [(-900, "70")], [(-900, "6")]),
        patient_courses("p-score", [], [(0, "-4.5")]),
        patient_courses("p-same", [(0, "0.001")], [(day, "3") for day in range(-365, 183, 7)]),
        patient_courses(
            "p-many", [(day, "1000000000") for day in range(-365, 183)], [(-365, "10000"), (183, "-10000")]
        ),
        patient_courses("courses", [(day, "70") for day in range(-200, 183, 28)], [(-340, "6"), (-160, "4"), (0, "3")]),
    ]


def patient_courses(key, columns, scores, given=()):
    today = date(2026, 11, 29)
    return plots.patient_plot(
        key,
        "2026: 560 g scheduled; score 6 → 4",
        (today - timedelta(days=365), today + timedelta(days=183)),
        today,
        [plots.CourseColumn(today + timedelta(days=at), Decimal(grams), asked=at > 0) for at, grams in columns]
        + [plots.CourseColumn(today + timedelta(days=at), Decimal(grams), given=True) for at, grams in given],
        [plots.ScorePoint(today + timedelta(days=at), Decimal(value)) for at, value in scores],
    )
