"""A document checked: the verdict of the verifier that is handed out, and what this server knows beyond it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from utilization.reports.document_state import kept_unsealed, standing
from utilization.rules.roles import Permission
from utilization.verifier import verify_evidence as verifier
from utilization.web.policy import policy

auditors = policy(Permission.AUDIT)


@require_http_methods(["GET", "HEAD", "POST"])
@auditors
def check(request: HttpRequest) -> HttpResponse:
    """The form that takes a document; by POST, whether it is genuine, what it says, and what came after it."""
    context: dict[str, Any] = {"most_mb": verifier.MOST_BYTES // 1_000_000}
    try:
        keys = verifier.read_keys(settings.EVIDENCE_KEYS.read_bytes()[: verifier.MOST_KEY_BYTES].decode("utf-8-sig"))
    except (OSError, ValueError, verifier.NotGenuine) as fault:
        context["without_keys"] = str(fault) if isinstance(fault, verifier.NotGenuine) else "There is no file of keys."
        return render(request, "auditing/document.html", context)
    context["keys"] = [f"{key.name}, {'a log' if key.type == verifier.LOG else 'a witness'}" for key in keys]
    if request.method != "POST":
        return render(request, "auditing/document.html", context)
    sent = request.FILES.get("document")
    if sent is None:
        context["error"] = "Choose the PDF that is to be checked."
        return render(request, "auditing/document.html", context, status=422)
    context["name"] = sent.name
    return render(request, "auditing/document.html", context | _checked(request, sent.read(), keys))


def _checked(request: HttpRequest, content: bytes, keys: list[Any]) -> dict[str, Any]:
    at = timezone.now()
    try:
        verdict = verifier.examine(content, keys, at.timestamp())
    except verifier.NotGenuine as reason:
        return {"refused": str(reason), "unsealed": kept_unsealed(request.user, content, at=at)}
    # The last line says that no file knows what came later, which this page answers below.
    says = verifier.words(verdict)[:-1]
    return {"verdict": verdict, "says": says, "standing": standing(request.user, verdict, at=at)}


@require_safe
@auditors
def program(request: HttpRequest) -> HttpResponse:
    """The verifier itself, to be run where this server is not."""
    response = HttpResponse(Path(verifier.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_evidence.py"'
    return response
