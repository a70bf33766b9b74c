"""Tables and constraints. Rows change only through the workflow; querysets here only select."""

from utilization.models.criteria_drafts import CriteriaDraft, DraftEdit, Publication
from utilization.models.decisions import Authorization, Decision, Document, Note, Question
from utilization.models.impact_preview import ImpactPage, ImpactPreview
from utilization.models.log import AccessEntry, Checkpoint, Event, LogHead, LogNode
from utilization.models.pack_versions import PackVersion
from utilization.models.patients import Patient, PatientChange, PatientKey
from utilization.models.people import Membership, SignOnLink, User
from utilization.models.prices import Price
from utilization.models.requests import Authorship, NumberSeries, Request, Submission
from utilization.models.sessions import LastCode, SentForm, WrongPassword
from utilization.models.site import Department, Site
from utilization.models.unsent import Unsent

__all__ = [
    "AccessEntry",
    "Authorization",
    "Authorship",
    "Checkpoint",
    "CriteriaDraft",
    "Decision",
    "Department",
    "Document",
    "DraftEdit",
    "Event",
    "ImpactPage",
    "ImpactPreview",
    "LastCode",
    "LogHead",
    "LogNode",
    "Membership",
    "Note",
    "NumberSeries",
    "PackVersion",
    "Patient",
    "PatientChange",
    "PatientKey",
    "Price",
    "Publication",
    "Question",
    "Request",
    "SentForm",
    "SignOnLink",
    "Site",
    "Submission",
    "Unsent",
    "User",
    "WrongPassword",
]
