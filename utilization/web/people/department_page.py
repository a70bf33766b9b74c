"""The page of a department: its name, who and what belongs to it, and whether it is open."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, workflow
from utilization.models import ClosedDepartment
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy


class DepartmentNameForm(forms.Form):
    """The name of one department; whether it can be is the door's question."""

    name = forms.CharField(label="Name of the department", required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def department(request: SignedInRequest, department: int) -> HttpResponse:
    """Show a department, and by POST give it another name."""
    seen = access.fetch_department(request.user, department)
    form = DepartmentNameForm(request.POST if request.method == "POST" else None, initial={"name": seen.name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            kept = workflow.departments.rename_department(seen.pk, by=request.user, at=timezone.now(), name=name)
        except workflow.Invalid as invalid:
            form.add_error("name", invalid.errors["name"])
        else:
            messages.success(request, f"Saved: {kept.name}.")
            return redirect("people-department-page", department=seen.pk)
    context = {
        "department": seen,
        "form": form,
        "use": workflow.departments.use_of(seen, timezone.now()),
        "closing": ClosedDepartment.objects.filter(department=seen).select_related("by").first(),
    }
    return render(request, "people/department.html", context, status=422 if form.is_bound else 200)


@require_POST
@policy(Permission.MANAGE_PEOPLE)
def close(request: SignedInRequest, department: int) -> HttpResponse:
    """Close a department."""
    try:
        closed = workflow.departments.close_department(department, by=request.user, at=timezone.now())
        messages.success(request, f"{closed.name} is closed: it takes no people and no requests any more.")
    except workflow.Refused as refused:
        messages.error(request, refused.why)
    return redirect("people-department-page", department=department)


@require_POST
@policy(Permission.MANAGE_PEOPLE)
def reopen(request: SignedInRequest, department: int) -> HttpResponse:
    """Open a department again."""
    opened = workflow.departments.reopen_department(department, by=request.user, at=timezone.now())
    messages.success(request, f"{opened.name} is open again.")
    return redirect("people-department-page", department=department)
