"""What an auditor asks to have exported: which table, as which kind of file, with whose numbers and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from utilization.reports.exports import TABLES
from utilization.workflow import EVIDENCE, FORMS, MOST_REASON

TITLES: Mapping[str, str] = {
    **{code: table.title for code, table in TABLES.items()},
    EVIDENCE: "Evidence bundle",
}
FORM_WORDS: Mapping[str, str] = {
    "csv": "CSV, for spreadsheets and programs",
    "xlsx": "XLSX, a workbook with typed cells",
    "parquet": "Parquet, for analysis",
    "jsonl": "JSON Lines, for programs",
    "zip": "ZIP",
}


class ExportForm(forms.Form):
    """One export of the selection that the address names."""

    what = forms.ChoiceField(
        label="What",
        choices=[*((code, f"{table.title}: a row is {table.a_row}") for code, table in TABLES.items()),
                 (EVIDENCE, "Evidence bundle: each justification, its record, the judgement run again, the log")],
        error_messages={"required": "Choose what to export.", "invalid_choice": "Choose what to export from the list."},
    )  # fmt: skip
    form = forms.ChoiceField(
        label="Kind of file",
        required=False,
        choices=[(code, words) for code, words in FORM_WORDS.items() if code != "zip"],
        help_text="An evidence bundle is always a ZIP.",
        error_messages={"invalid_choice": "Choose the kind of file from the list."},
    )
    identified = forms.BooleanField(label="With the patients’ medical record numbers", required=False)
    reason = forms.CharField(
        label="What the patients’ numbers are needed for",
        required=False,
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_REASON}),
        help_text="Needed for an evidence bundle too, which names patients. Kept with your name, and told to the log.",
        error_messages={"max_length": f"Expected at most {MOST_REASON} characters."},
    )

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, auto_id="export_%s")

    def order(self) -> dict[str, Any]:
        """What is asked for, as `workflow.ExportOrder` takes it."""
        given = self.cleaned_data
        return {
            "what": given["what"],
            "form": FORMS[given["what"]][0] if given["what"] == EVIDENCE else given["form"],
            "identified": given["identified"],
            "reason": given["reason"],
        }

    def take_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Show what the door said against it."""
        for name, texts in errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)
