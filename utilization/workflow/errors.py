"""The ways in which the door says no; each says why in words for the person who acted."""


class Refused(Exception):
    """The act is not allowed to this person, or not at this stage. `why` is a plain sentence."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class TooLate(Refused):
    """Somebody else was first: what the act is about is over, or is there already. Nothing was written."""


class AccountChanged(Refused):
    """Something was done to the account since the page was made that the person saw. Nothing was written."""


class Conflict(Exception):
    """Someone else was first: the request is no longer what the person saw. Nothing was written.

    `request` is the request as it stands now, so that a page can show what happened.
    """

    def __init__(self, why: str, request):
        super().__init__(why)
        self.why = why
        self.request = request


class Overtaken(Exception):
    """Somebody else was first: the draft of criteria is no longer what the person saw. Nothing was written.

    `draft` is the draft as it stands now, so that a page can show both texts.
    """

    def __init__(self, why: str, draft):
        super().__init__(why)
        self.why = why
        self.draft = draft


class Invalid(Exception):
    """What was typed cannot be accepted. `errors` maps each field's name to its sentences; nothing was written."""

    def __init__(self, errors: dict[str, list[str]]):
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = errors
