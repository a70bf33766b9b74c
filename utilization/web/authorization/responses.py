"""How these pages answer what the workflow refuses: in words, with a way back."""

import functools
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from utilization.web import errors
from utilization.web.policy import View
from utilization.workflow import Refused


def in_words(view: View) -> View:
    """Answer a refusal of the workflow with its words. Stands below the policy of the view."""

    @functools.wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return errors.conflict(
                request, heading="This cannot be done", happened=refused.why, back=request.META.get("HTTP_REFERER", "/")
            )

    return answering
