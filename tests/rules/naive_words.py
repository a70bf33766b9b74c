"""Texts as the manual says them: capital letters and spacing make no difference."""


def squeezed(text):
    return " ".join(str(text).lower().split())


def same_text(text, other):
    return squeezed(text) == squeezed(other)


def mentions(text, words):
    """Whether one of the words occurs in the text."""
    return any(squeezed(word) in squeezed(text) for word in words)


def same_therapy(name, other):
    """Whether two names are one therapy: low lines make no difference either."""
    return same_text(str(name).replace("_", " "), str(other).replace("_", " "))
