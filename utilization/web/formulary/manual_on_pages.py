"""The manual as the pages show it: what to press, in the place of folders and commands that a hospital's members lack.

Each passage stands once in `docs/criteria-language.md`; a test holds the two together.
"""

from collections.abc import Mapping

PASSAGES: Mapping[str, str] = {
    """\
This manual is for people who know the criteria and not the code. Its tables stand in `tests/spec/` and are run by the
tests through the same reader and the same judge as every request, so that what it says is what happens.""": """\
This manual is for people who know the criteria and not the code. Its tables are run through the same reader and the
same judge as every request, so that what it says is what happens.""",
    "You need no programmer to write one: an editor and this manual are enough.": (
        "You need no programmer to write one: the editor of a draft and this manual are enough."
    ),
    """\
A pack is a folder of files that end in `.yaml`. How many files there are, and what they are called, is up to you:
the program puts the sections of all files together. A small pack can be one file. This is how the built-in pack
(`fixtures/criteria/ivig-builtin/`) is laid out, and it is a good habit:""": """\
A pack is a number of files that end in `.yaml`: those that the page of a draft lists under *Files*. How many there are,
and what they are called, is up to you: the program puts the sections of all files together. A small pack can be one
file. **New file** on the page of the draft begins one; a name with `/` in it, such as `clauses/cidp.yaml`, is all that
it takes for a folder. This is how the built-in pack is laid out, which you find under *Criteria*, and it is a good
habit:""",
    """\
An editor that knows JSON Schema completes keys, facts and codes while you type. Point it at
`docs/criteria-pack.schema.json`, in many editors with a first line such as:

    # yaml-language-server: $schema=../docs/criteria-pack.schema.json
""": """\
The editor of a draft marks faults at their lines once you pause, and `F1` looks the word at the cursor up in this
manual. Beside it, **Add an indication** on the page of the draft is a form that writes the text for you.
""",
    "`manage.py check_criteria PACK --remarks` says what edition 2": (
        "**Run checks and examples** on the page of a draft says what edition 2"
    ),
    """\
We write a small pack for Lambert-Eaton myasthenic syndrome (LEMS), from nothing to examples that hold. After each
step run the check. It stops at the first thing that cannot be right and says where it stands, so some steps end with an
error on purpose: this is how you find your way.

    .venv/bin/python manage.py check_criteria my-pack
""": """\
We write a small pack for Lambert-Eaton myasthenic syndrome (LEMS), from nothing to examples that hold. After each
step press **Save**, then **Run checks and examples**. The check says where each thing stands that cannot be right, so
some steps end with an error on purpose: this is how you find your way. The page lists all of them at once.
""",
    "**1. Make a folder** `my-pack` with a file `pack.yaml`.": (
        "**1. Begin a draft**: *Criteria*, then **Begin a draft**, from an empty pack. Open its file `pack.yaml`."
    ),
    """\
A folder whose folders are packs is one pack in several dated versions:

    my-pack/
      2025/pack.yaml      effective: 2025-01-01
      2026/pack.yaml      effective: 2026-01-01

In force on a day is the version with the latest `effective` on or before it, as long as its `until` is not past. All
versions carry the same `name` and each its own `version`. Two that take effect on one day are refused, and a day before
the first version too. On the committee's pages a published version never changes: a change is a new version.""": """\
In force on a day is the version whose first day is the latest on or before it. That day is given when a draft is
proposed, with **Propose** on its page. All versions carry the same `name` and each its own `version`. Two that take
effect on one day are refused. A published version never changes: a change is a new draft, begun from it with **Begin a
draft**.""",
    """\
### From the command line

| Command | What it does |
| --- | --- |
| `manage.py check_criteria PACK` | reads the pack, looks for what cannot be meant, runs the examples |
| `manage.py check_criteria PACK --remarks` | also names what nothing uses, and what `language: 2` would change |
| `manage.py judge CASES.json --pack PACK --as-of 2026-06-30` | judges cases by the pack and prints each result |
| `manage.py compare_packs CASES.json --pack OLD --pack NEW --table` | judges the cases by both packs, the \
disagreements first |

Put `.venv/bin/python` in front of each. `PACK` is a folder or a file; a folder of dated versions is judged by the one \
in
force on the day of `--as-of`, today without it. None of them touches a database. A case is written like this:

    [{"id": "a", "indication": "lems", "facts": {"age_years": 60, "weight_kg": "180 lb", "prior_corticosteroids": \
"failed"}}]

A fact that is left out is unknown. A number may carry a unit, in quotation marks; without one it is in the unit of the
fact. A misspelt fact, a wrong unit or an impossible value ends with one line that names the case and the path.""": """\
### What to press

| To | Press |
| --- | --- |
| read a draft, look for what cannot be meant, and run its examples | **Run checks and examples**, on the page of the \
draft or of one of its files |
| see what nothing uses, and what `language: 2` would change | the same: it stands below what is to be corrected |
| judge a case by two packs | **Judge a case**, on the page of the draft, or *Judge by two* under *Criteria* |
| compare two packs in words | **Compare**, on the page of the draft, or *Compare two* under *Criteria* |
| judge the requests of the past by a draft | **Preview the impact**, on the page of the draft |

In a case, a fact that is left out is unknown. A number may carry a unit, in quotation marks where it is written as
text; without one it is in the unit of the fact.""",
    "**Run checks and examples** says what\n   `check_criteria` says.": (
        "**Run checks and examples** says\n   what is to be corrected before it can be proposed."
    ),
}
"""What stands in the file, and what the pages say instead."""


def on_pages(text: str) -> str:
    """The manual's text with what its readers can press."""
    for written, shown in PASSAGES.items():
        text = text.replace(written, shown)
    return text
