"""Tables and constraints. Rows change only through the workflow; querysets here only select."""

from utilization.models.absences import Absence, UncoveredDay
from utilization.models.accounts import AccountAct, PasswordLetter
from utilization.models.appeals import Appeal
from utilization.models.attachments import Attachment, AttachmentContent
from utilization.models.authorization_changes import AuthorizationChange
from utilization.models.clocks import ClockVersion, Reminder
from utilization.models.closed_departments import ClosedDepartment
from utilization.models.criteria_drafts import CriteriaDraft, DraftEdit, Publication
from utilization.models.decisions import AnswerPart, Authorization, Decision, Document, Note, Question
from utilization.models.exports import Export
from utilization.models.first_doses import FirstDose, VerbalOrder
from utilization.models.impact_preview import ImpactPage, ImpactPreview
from utilization.models.infusions import Infusion
from utilization.models.log import AccessEntry, Checkpoint, DigestSalt, Event, LogHead, LogNode
from utilization.models.log_check import LogCheck
from utilization.models.messages import Message
from utilization.models.milestones import Milestone
from utilization.models.notices import Delivery, Notice, NoticeChoice
from utilization.models.opinions import HeldSpecialty, Opinion, OpinionQuestion
from utilization.models.pack_versions import PackVersion
from utilization.models.patients import Patient, PatientChange, PatientKey
from utilization.models.peer_calls import PeerCall
from utilization.models.people import Membership, SignOnLink, User
from utilization.models.prices import Price
from utilization.models.request_summary import RequestSummary, UnmetCriterion
from utilization.models.requests import Authorship, NumberSeries, Request, Submission
from utilization.models.saved_filters import SavedFilter
from utilization.models.sessions import LastCode, SentForm, WrongPassword
from utilization.models.shared_limits import AskedInMinute, PasswordTurn
from utilization.models.sign_ins import SignInEntry
from utilization.models.site import Department, Site
from utilization.models.site_logos import SiteLogo
from utilization.models.training_copy import TrainingCopy
from utilization.models.unmade_documents import UnmadeDocument
from utilization.models.unsent import Unsent

__all__ = [
    "Absence",
    "AccessEntry",
    "AccountAct",
    "AnswerPart",
    "Appeal",
    "AskedInMinute",
    "Attachment",
    "AttachmentContent",
    "Authorization",
    "AuthorizationChange",
    "Authorship",
    "Checkpoint",
    "ClockVersion",
    "ClosedDepartment",
    "CriteriaDraft",
    "Decision",
    "Delivery",
    "Department",
    "DigestSalt",
    "Document",
    "DraftEdit",
    "Event",
    "Export",
    "FirstDose",
    "HeldSpecialty",
    "ImpactPage",
    "ImpactPreview",
    "Infusion",
    "LastCode",
    "LogCheck",
    "LogHead",
    "LogNode",
    "Membership",
    "Message",
    "Milestone",
    "Note",
    "Notice",
    "NoticeChoice",
    "NumberSeries",
    "Opinion",
    "OpinionQuestion",
    "PackVersion",
    "PasswordLetter",
    "PasswordTurn",
    "Patient",
    "PatientChange",
    "PatientKey",
    "PeerCall",
    "Price",
    "Publication",
    "Question",
    "Reminder",
    "Request",
    "RequestSummary",
    "SavedFilter",
    "SentForm",
    "SignInEntry",
    "SignOnLink",
    "Site",
    "SiteLogo",
    "Submission",
    "TrainingCopy",
    "UncoveredDay",
    "UnmadeDocument",
    "UnmetCriterion",
    "Unsent",
    "User",
    "VerbalOrder",
    "WrongPassword",
]
