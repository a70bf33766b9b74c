"""The words for codes: outcomes, states, results, warnings, roles, events. `{% load words %}`."""

from django import template

from utilization.reports import signer_note as notes
from utilization.rules import words

register = template.Library()


@register.filter
def outcome_word(code):
    return words.sign_of(code, words.OUTCOMES).word


@register.filter
def outcome_sentence(code):
    return words.sign_of(code, words.OUTCOMES).sentence


@register.filter
def status_word(code):
    return words.sign_of(code, words.STATUSES).word


@register.filter
def authorization_word(code):
    return words.sign_of(code, words.AUTHORIZATION_STATES).word


@register.filter
def result_word(code):
    return words.sign_of(code, words.RESULTS).word


@register.filter
def warning_word(code):
    return words.warning(code).title


@register.filter
def warning_text(code):
    return words.warning(code).text


@register.filter
def own_warning(code, judgement):
    """The words {title, text} of a warning: the pack's own that the judgement brings, or those of the vocabulary."""
    own = (judgement or {}).get("own_warnings", {}).get(code)
    return own or words.warning(code)


@register.filter
def role_word(code):
    return words.ROLES.get(str(code)) or words.plain(code)


_SIGNED = {
    ("recommendation", "approve"): "Approve",
    ("recommendation", "deny"): "Deny",
    ("appeal", "approve"): "Approved, denial overturned",
    ("appeal", "deny"): "Denied, denial upheld",
}


@register.filter
def signed_word(decision):
    """What a signed act comes to, in a word or two."""
    plain = "Approved" if decision.choice == "approve" else "Denied"
    return _SIGNED.get((decision.kind, decision.choice), plain)


@register.filter
def appeal_word(code):
    """What became of an appeal, as a summary keeps it."""
    return words.APPEALS.get(str(code)) or words.plain(code)


@register.filter
def presence_word(kind):
    return words.PRESENCE.get(str(kind)) or words.plain(kind)


@register.filter
def event_word(kind):
    return words.EVENTS.get(str(kind), (words.plain(kind), ""))[0]


@register.filter
def account_deed_word(kind):
    return words.ACCOUNT_DEEDS.get(str(kind)) or words.plain(kind)


@register.filter
def signer_note(decision):
    """Who confirmed the account that signed `decision`, and a reset of it shortly before."""
    return notes.signer_note(decision.signer, decision.time_zone)


@register.filter
def weight_basis_word(code):
    return words.WEIGHT_BASES.get(str(code)) or words.plain(code)


@register.filter
def strength_word(code):
    return words.STRENGTHS.get(str(code)) or words.plain(code)
