"""Hypothesis writes conditions on words that edition 2 of the language reads otherwise: `mentions` and `tried`."""

from hypothesis import strategies as st

from tests.rules.leaf_parts import DAYS, Leaf
from tests.rules.naive_words import NO

LOOKED_FOR = ("red", "Blue  sky", "gree*", "blue sky*", "GREEN", "not blue")
BITS = (
    "red", "RED", "redness", "r\u00eadd", "r\u00ead", "Blue sky", "blue-sky", "blue", "blue skyline", "sky", "greenish",
    "green", "non-red", "red's", "Dr.", "Prof.", "x", "5.5", "but", "although", ",", ";", ".", "(", ")", "!", "\u00b7",
    "\n", "o.k", ":", "/",
)  # fmt: skip
SENTENCES = st.lists(st.sampled_from((*BITS, *BITS, *NO, "isn\u2019t")), max_size=7).map(" ".join)


@st.composite
def texts_of_words(draw):
    words = draw(st.lists(st.sampled_from(LOOKED_FOR), min_size=1, max_size=2, unique=True))
    said = draw(
        st.one_of(st.just({"mentions": words}), st.just({"mentions": words}), st.just("stated"), st.just("red"))
    )
    facts = {"remark": draw(SENTENCES)} if draw(st.integers(0, 7)) else {}
    return Leaf({"remark": said}, facts, DAYS[0], edition=2)


RESULTS = ("not_tried", "failed", "intolerant", "contraindicated", "declined")
TYPED = (
    "prednisolone", "Oral PREDNISOLONE 15 mg", "steroids", "steroids (prednisolone)", "Dexamethasone tablets x 15",
    "methotrexate", "MTX weekly", "azathioprine or methotrexate", "azathioprine, methotrexate", "AZA 15 mg daily",
    "Cyclosporin A", "cyclosporine", "immunosuppression", "RTX", "rituximab iv", "anti-CD20", "PLEX", "plasma exchange",
    "plasmapheresis (PLEX)", "no methotrexate", "steroid-sparing agent", "something new", "mg", "prednisolone zebra",
    "high dose corticosteroids for 15 months",
)  # fmt: skip
NAMED = (
    "prior_corticosteroids", "prior_immunosuppressant", "corticosteroids", "prednisolone", "methotrexate", "MTX",
    "cyclosporine", "rituximab", "anti_cd20", "plasma_exchange", "steroids",
)  # fmt: skip
# Names that stand for one therapy, or of which one stands under another, are refused beside each other.
APART = (
    ("prior_corticosteroids", "prior_immunosuppressant", "rituximab"), ("corticosteroids", "methotrexate", "rituximab"),
    ("prednisolone", "azathioprine", "MTX"), ("steroids", "cyclosporine", "anti_cd20"),
    ("plasma_exchange", "methotrexate"),
)  # fmt: skip
TRIALS = st.lists(
    st.fixed_dictionaries(
        {"therapy": st.sampled_from(TYPED), "outcome": st.sampled_from(RESULTS)},
        optional={"weeks": st.sampled_from((6, 12, 13)), "dose_mg_per_kg_per_day": st.sampled_from(("0.9", 1))},
    ),
    max_size=3,
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "prior_corticosteroids": st.sampled_from(RESULTS),
        "prior_immunosuppressant": st.sampled_from(RESULTS),
        "prior_plasma_exchange": st.sampled_from(RESULTS),
        "prior_therapies": TRIALS,
    },
)


@st.composite
def tried_by_class(draw):
    names = list(draw(st.sampled_from((*APART, *((name,) for name in NAMED)))))
    how = draw(st.sampled_from(("any", "all", "of")))
    said = {how: names, **({"at_least": draw(st.integers(1, len(names)))} if how == "of" else {})}
    if draw(st.booleans()):
        said["results"] = draw(st.lists(st.sampled_from(RESULTS), min_size=1, max_size=3, unique=True))
    if "failed" in said.get("results", ["failed"]):
        said |= draw(st.sampled_from(({}, {}, {"for": "12 weeks"}, {"dose": {"at_least": "1 mg/kg/day"}})))
    return Leaf({"tried": said}, draw(FACTS), DAYS[0], edition=2)
