"""Tables and constraints. Rows change only through the workflow; querysets here only select."""

from utilization.models.criteria import PackVersion
from utilization.models.decisions import Authorization, Decision, Document, Note, Question
from utilization.models.log import AccessEntry, Event, LogHead
from utilization.models.people import Department, Membership, Site, User
from utilization.models.requests import Authorship, NumberSeries, Patient, Request, Submission

__all__ = [
    "AccessEntry",
    "Authorization",
    "Authorship",
    "Decision",
    "Department",
    "Document",
    "Event",
    "LogHead",
    "Membership",
    "Note",
    "NumberSeries",
    "PackVersion",
    "Patient",
    "Question",
    "Request",
    "Site",
    "Submission",
    "User",
]
