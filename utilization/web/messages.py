"""The form by which people write to each other on a request, and what the thread beside it shows."""

from typing import Any
from uuid import UUID

from django import forms

from utilization import workflow
from utilization.models import Request, User
from utilization.models.messages import DEPARTMENT
from utilization.reports.thread import SIDE_WORDS, thread
from utilization.web.fields import offer

ANSWERS = "answers"


class MessageForm(forms.Form):
    """A message: to whom, in answer to which, and its words."""

    to = forms.ChoiceField(label="To", error_messages={"invalid_choice": "Choose whom the message is for."})
    text = forms.CharField(
        label="Message",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the message."},
        help_text="Everybody who may read this request reads it. It is kept, and cannot be changed.",
    )
    answers = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "The message that you answer is not on this request. Open the page anew."},
    )

    def __init__(self, the_request: Request, side: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "message_%s", **kwargs})
        self._whom = {_key(to): to for to in workflow.addressees(the_request, side)}
        offer(self, "to", [(key, _words(to)) for key, to in self._whom.items()])

    @property
    def addressee(self) -> workflow.Addressee:
        """Whom the message is for."""
        return self._whom[self.cleaned_data["to"]]

    @property
    def told(self) -> list[str]:
        """What is wrong beside the fields that are seen."""
        return [*self.non_field_errors(), *self[ANSWERS].errors]

    def refuse(self, invalid: workflow.Invalid) -> None:
        """Show what the workflow found wrong."""
        for field, sentences in invalid.errors.items():
            self.add_error(field if field in self.fields else None, sentences)


def _key(to: workflow.Addressee) -> str:
    return f"{to.side}-{to.person.pk}" if to.person else to.side


def _words(to: workflow.Addressee) -> str:
    of_side = SIDE_WORDS[to.side]
    return f"{to.person.signature_name} ({of_side})" if to.person else of_side.capitalize()


def side_for(actor: User, the_request: Request, *, reviewing: bool) -> str:
    """The side for which `actor` writes from a prescriber's page, or from a reviewer's; empty where they cannot."""
    sides = workflow.sides_of(actor, the_request)
    if not reviewing:
        return DEPARTMENT if DEPARTMENT in sides else ""
    return next((side for side in reversed(sides) if side != DEPARTMENT), "")


def thread_context(
    actor: User, the_request: Request, *, reviewing: bool, answers: str = "", form: MessageForm | None = None
) -> dict[str, Any]:
    """The thread of a request, with the form for one more where `actor` may write; `answers` is the uid of a message
    that it answers, as an address says it."""
    said, side = thread(the_request), side_for(actor, the_request, reviewing=reviewing)
    answered = next((entry for entry in said if entry.uid and str(entry.uid) == answers and entry.side != side), None)
    if form is None and side:
        initial = {"answers": answered.uid, "to": answered.side} if answered else {}
        form = MessageForm(the_request, side, initial=initial)
    return {"thread": said, "message_form": form, "answered": answered, "own_side": side}


def send(actor: User, the_request: Request, form: MessageForm, *, side: str, at: Any) -> None:
    """Write what a valid `form` holds. Raises what the door raises."""
    answers: UUID | None = form.cleaned_data[ANSWERS]
    workflow.write_message(
        the_request.uid, by=actor, at=at, side=side, to=form.addressee, text=form.cleaned_data["text"], answers=answers
    )
