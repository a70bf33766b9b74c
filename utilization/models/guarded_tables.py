"""Which rows are never changed, and which are never written while something else stands: what `guards` installs."""

from dataclasses import dataclass

from utilization.models.guard_conditions import AWAY_THEN, BOTH, CLOSED, CONFIRMED, REVIEWED, WRITERS


@dataclass(frozen=True, slots=True)
class Frozen:
    """A table whose rows are never changed nor deleted.

    `keys` are its unique keys: on SQLite `INSERT OR REPLACE` removes the row in its way without asking a DELETE trigger
    (unless the connection sets `recursive_triggers`), so a row that would collide is refused before it is inserted.
    `kinds` names the values of `kind` that a request may hold once. `only` names the columns that are frozen where
    some may change; empty means all of them. `goes` says that a row may be deleted when an `Insertion` lets it.
    `while_open` names the columns that are unique among rows without a `closed_at`.
    """

    table: str
    keys: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    goes: bool = False
    while_open: tuple[str, ...] = ()

    @property
    def collides(self):
        """The condition under which the new row stands in the way of an old one, as SQL over NEW."""
        same = [" AND ".join(f"{column} = NEW.{column}" for column in key) for key in self.keys]
        same += [f"request_id = NEW.request_id AND kind = NEW.kind AND kind = '{kind}'" for kind in self.kinds]
        if self.while_open:
            open_now = [f"{column} = NEW.{column}" for column in self.while_open]
            same.append(" AND ".join([*open_now, "closed_at IS NULL", "NEW.closed_at IS NULL"]))
        return " OR ".join(f"({condition})" for condition in same)


FROZEN: tuple[Frozen, ...] = (
    Frozen("event", (("seq",),)),
    Frozen("lognode", (("level", "number"),)),
    Frozen("checkpoint", (("size",),)),
    Frozen("accessentry", (("id",),)),
    Frozen("accountact", (("id",),)),
    Frozen("signinentry", (("id",),)),
    Frozen("packversion", (("id",), ("sha256", "shelf_sha256"))),
    Frozen("submission", (("id",), ("request_id", "ordinal"))),
    Frozen("authorship", (("id",), ("request_id", "user_id"))),
    Frozen("decision", (("id",), ("submission_id", "kind")), kinds=("decision", "appeal")),
    Frozen("appeal", (("id",), ("request_id",), ("denial_id",))),
    Frozen("note", (("id",),)),
    Frozen("message", (("id",), ("uid",))),
    Frozen("answerpart", (("id",),)),
    Frozen(
        "opinionquestion",
        (("id",), ("uid",)),
        only=("uid", "request_id", "asked_at", "asked_by_id", "asked_from", "specialty", "person_id", "text"),
        while_open=("request_id", "specialty"),
    ),
    Frozen("opinion", (("id",), ("question_id",))),
    Frozen(
        "peercall",
        (("id",), ("uid",)),
        only=("uid", "request_id", "offered_at", "offered_by_id", "times", "place"),
        while_open=("request_id",),
    ),
    Frozen("document", (("id",), ("request_id", "value_sha256", "has_proof"), ("event_seq",))),
    Frozen("authorizationchange", (("id",), ("answers_id",))),
    Frozen("milestone", (("id",), ("request_id", "kind"))),
    Frozen("firstdose", (("id",), ("uid",), ("request_id",))),
    Frozen(
        "verbalorder",
        (("id",), ("request_id",)),
        only=(
            "request_id", "ordered_by_id", "ordered_name", "taken_by_id", "taken_name", "taken_at", "entered_at",
            "confirm_by",
        ),
    ),
    Frozen("infusion", (("id",), ("uid",), ("corrects_id",))),
    Frozen("patientchange", (("id",),)),
    Frozen("draftedit", (("id",), ("draft_id", "user_id"))),
    Frozen(
        "publication",
        (("id",), ("uid",), ("site_id", "effective_from"), ("site_id", "ordinal"), ("draft_id",)),
    ),
    Frozen(
        "authorization",
        (("id",), ("uid",), ("number",), ("request_id",), ("decision_id",)),
        only=(
            "uid", "number", "request_id", "decision_id", "site_id", "patient_id", "indication", "product",
            "grams_per_course", "courses", "interval_weeks", "valid_from", "valid_to", "review_by",
        ),
    ),
    Frozen(
        "attachment",
        (("id",), ("uid",)),
        only=("uid", "request_id", "at", "by_id", "name", "kind", "size", "sha256"),
    ),
    Frozen(
        "absence",
        (("id",),),
        only=(
            "site_id", "person_id", "cover_id", "first_day", "last_day", "begins_at", "entered_at", "entered_by_id",
        ),
    ),
    Frozen("attachmentcontent", (("id",), ("attachment_id",)), goes=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Insertion:
    """A row that may not be written while `when`, SQL over NEW, holds; over OLD where `event` is DELETE.

    `about` is the row that both sides of a race have in common, locked first. `event` is the write that is refused.
    `reads` names tables that `when` reads and that are younger than its own.
    """

    name: str
    table: str
    when: str
    about: str = "request"
    event: str = "INSERT"
    reads: tuple[str, ...] = ()


INSERTIONS: tuple[Insertion, ...] = (
    Insertion(
        "signer_is_no_author",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_authorship a"
        " WHERE a.request_id = NEW.request_id AND a.user_id = NEW.signed_by_id)"
        " OR EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.request_id = NEW.request_id AND s.created_by_id = NEW.signed_by_id)"
        # An answer in words speaks for the department as a fact does, also one given before authorship was written.
        " OR EXISTS (SELECT 1 FROM utilization_question q"
        " WHERE q.request_id = NEW.request_id AND q.answered_by_id = NEW.signed_by_id)",
    ),
    Insertion(
        "answerer_has_not_signed",
        "question",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.answered_by_id)",
        event="UPDATE OF answered_by_id",
    ),
    Insertion(
        "author_has_not_signed",
        "authorship",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.user_id)",
    ),
    # Of kinds that differ: whoever recommended or decided does not decide the appeal either.
    Insertion(
        "decider_is_no_recommender",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.signed_by_id AND d.kind <> NEW.kind)",
    ),
    Insertion(
        "decision_is_about_its_request",
        "decision",
        "NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
    ),
    Insertion(
        "appeal_is_of_a_denial",
        "appeal",
        "NOT EXISTS (SELECT 1 FROM utilization_decision d WHERE d.id = NEW.denial_id"
        " AND d.request_id = NEW.request_id AND d.kind = 'decision' AND d.choice = 'deny')"
        " OR NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
    ),
    Insertion(
        "appellant_has_not_signed",
        "appeal",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.filed_by_id)",
    ),
    Insertion(
        "decided_appeal_was_filed",
        "decision",
        "NEW.kind = 'appeal' AND NOT EXISTS (SELECT 1 FROM utilization_appeal a"
        " WHERE a.request_id = NEW.request_id AND a.submission_id = NEW.submission_id"
        " AND a.filed_by_id <> NEW.signed_by_id)",
        reads=("appeal",),
    ),
    # Whoever released it counts as an author, and so judges nothing of it.
    Insertion(
        "first_dose_is_released_by_an_author",
        "firstdose",
        "NOT EXISTS (SELECT 1 FROM utilization_authorship a"
        " WHERE a.request_id = NEW.request_id AND a.user_id = NEW.released_by_id)"
        " OR NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
    ),
    Insertion(
        "verbal_order_is_between_authors",
        "verbalorder",
        "(SELECT COUNT(*) FROM utilization_authorship a WHERE a.request_id = NEW.request_id"
        " AND a.user_id IN (NEW.ordered_by_id, NEW.taken_by_id)) <> 2",
    ),
    Insertion(
        "verbal_order_is_answered_once",
        "verbalorder",
        "OLD.answer <> ''",
        event="UPDATE",
    ),
    # So that whoever answered in place of another judges nothing of it.
    Insertion(
        "verbal_order_stand_in_is_an_author",
        "verbalorder",
        "NEW.stand_in_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM utilization_authorship a"
        " WHERE a.request_id = NEW.request_id AND a.user_id = NEW.stand_in_id)",
        event="UPDATE",
    ),
    Insertion(
        "opinion_is_of_somebody_else",
        "opinion",
        "EXISTS (SELECT 1 FROM utilization_authorship a WHERE a.request_id = NEW.request_id AND a.user_id = NEW.by_id)"
        " OR EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.by_id)"
        " OR NOT EXISTS (SELECT 1 FROM utilization_opinionquestion q WHERE q.id = NEW.question_id"
        " AND q.request_id = NEW.request_id AND q.asked_by_id <> NEW.by_id)"
        " OR NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
        reads=("opinionquestion",),
    ),
    Insertion(
        "closed_opinion_question_stays",
        "opinionquestion",
        "OLD.closed_at IS NOT NULL",
        event="UPDATE",
    ),
    Insertion("closed_call_stays", "peercall", "OLD.closed_at IS NOT NULL", event="UPDATE"),
    Insertion(
        "author_gave_no_opinion",
        "authorship",
        "EXISTS (SELECT 1 FROM utilization_opinion o WHERE o.request_id = NEW.request_id AND o.by_id = NEW.user_id)",
        reads=("opinion",),
    ),
    Insertion(
        "appeal_decider_gave_no_opinion",
        "decision",
        "NEW.kind = 'appeal' AND EXISTS (SELECT 1 FROM utilization_opinion o"
        " WHERE o.request_id = NEW.request_id AND o.by_id = NEW.signed_by_id)",
        reads=("opinion",),
    ),
    Insertion(
        "second_signer_wrote_nothing",
        "publication",
        "EXISTS (SELECT 1 FROM utilization_draftedit e"
        " WHERE e.draft_id = NEW.draft_id AND e.user_id = NEW.signed_by_id)"
        " OR EXISTS (SELECT 1 FROM utilization_criteriadraft d WHERE d.id = NEW.draft_id"
        " AND (d.author_id = NEW.signed_by_id OR d.updated_by_id = NEW.signed_by_id))",
        about="draft",
    ),
    Insertion(
        "publication_is_as_proposed",
        "publication",
        "NOT EXISTS (SELECT 1 FROM utilization_criteriadraft d"
        " WHERE d.id = NEW.draft_id AND d.status = 'published' AND d.site_id = NEW.site_id AND d.pack_id = NEW.pack_id"
        " AND d.effective_from = NEW.effective_from AND d.proposed_by_id = NEW.proposed_by_id)",
        about="draft",
    ),
    Insertion(
        "published_draft_takes_no_edit",
        "draftedit",
        # A row that stands there already is left to the guard against replacing it.
        "EXISTS (SELECT 1 FROM utilization_publication p WHERE p.draft_id = NEW.draft_id)"
        " AND NOT EXISTS (SELECT 1 FROM utilization_draftedit e"
        " WHERE e.draft_id = NEW.draft_id AND e.user_id = NEW.user_id)",
        about="draft",
    ),
    # A message in the name of the department is a part of what it asks for.
    Insertion(
        "signer_wrote_no_message",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_message m WHERE m.request_id = NEW.request_id"
        " AND m.side = 'department' AND m.by_id = NEW.signed_by_id)",
        reads=("message",),
    ),
    Insertion(
        "message_writer_has_not_signed",
        "message",
        "NEW.side = 'department' AND EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.by_id)",
    ),
    # Between the start of the request and the signature: who covered for a writer then, or was covered by one.
    Insertion(
        "signer_covers_no_author",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_absence w JOIN utilization_request r ON r.site_id = w.site_id"  # noqa: S608
        " WHERE r.id = NEW.request_id AND w.cover_id IS NOT NULL AND w.begins_at < w.ends_at"
        " AND w.begins_at <= NEW.signed_at AND w.ends_at > r.created_at"
        f" AND (w.cover_id = NEW.signed_by_id AND w.person_id IN ({WRITERS})"
        f" OR w.person_id = NEW.signed_by_id AND w.cover_id IN ({WRITERS})))",
        reads=("absence", "message"),
    ),
    Insertion(
        "absent_once_at_a_time",
        "absence",
        f"EXISTS ({AWAY_THEN.format(who='NEW.person_id')})",
        about="site",
    ),
    # So no cover goes in a circle: whoever is named last would name somebody who is away already.
    Insertion(
        "cover_is_not_away",
        "absence",
        f"NEW.cover_id IS NOT NULL AND EXISTS ({AWAY_THEN.format(who='NEW.cover_id')})",
        about="site",
    ),
    Insertion(
        "absence_is_only_shortened",
        "absence",
        "NEW.ends_at > OLD.ends_at OR OLD.ended_at IS NOT NULL",
        about="site",
        event="UPDATE",
    ),
    Insertion(
        "signer_is_confirmed",
        "decision",
        f"NOT {CONFIRMED.format(signer='NEW.signed_by_id')}",
        reads=("accountact",),
    ),
    Insertion(
        "publishers_are_confirmed",
        "publication",
        f"NOT ({CONFIRMED.format(signer='NEW.signed_by_id')} AND {CONFIRMED.format(signer='NEW.proposed_by_id')})",
        about="draft",
        reads=("accountact",),
    ),
    Insertion(
        "confirmed_by_another",
        "accountact",
        "NEW.kind = 'confirmed' AND EXISTS (SELECT 1 FROM utilization_accountact a"
        " WHERE a.user_id = NEW.user_id AND a.by_id = NEW.by_id AND a.kind NOT IN ('confirmed', 'before') AND a.id >"
        " COALESCE((SELECT MAX(c.id) FROM utilization_accountact c"
        " WHERE c.user_id = NEW.user_id AND c.kind IN ('confirmed', 'before')), 0))",
        about="person",
    ),
    Insertion(
        "administrator_is_no_clinician",
        "membership",
        BOTH,
        about="person",
        reads=("accountact",),
    ),
    Insertion(
        "role_is_in_an_open_department",
        "membership",
        f"NEW.ended_at IS NULL AND {CLOSED}",
        about="department",
        reads=("closeddepartment",),
    ),
    Insertion("request_is_for_an_open_department", "request", CLOSED, about="department", reads=("closeddepartment",)),
    Insertion(
        "request_goes_to_an_open_department",
        "request",
        CLOSED,
        about="department",
        event="UPDATE OF department_id",
        reads=("closeddepartment",),
    ),
    Insertion(
        "closed_department_is_empty",
        "closeddepartment",
        "EXISTS (SELECT 1 FROM utilization_membership m"  # noqa: S608 - names from Status
        " WHERE m.department_id = NEW.department_id AND m.ended_at IS NULL)"
        " OR EXISTS (SELECT 1 FROM utilization_request q"
        f" WHERE q.department_id = NEW.department_id AND q.status IN {REVIEWED})",
        about="department",
    ),
    Insertion(
        "attachment_goes_from_a_draft_alone",
        "attachment",
        "NOT EXISTS (SELECT 1 FROM utilization_request q WHERE q.id = NEW.request_id AND q.status = 'draft')",
        event="UPDATE OF removed_at",
    ),
    Insertion(
        "content_goes_with_its_attachment",
        "attachmentcontent",
        "EXISTS (SELECT 1 FROM utilization_attachment a WHERE a.id = OLD.attachment_id AND a.removed_at IS NULL)",
        about="attachment",
        event="DELETE",
    ),
)

LOCKED = {
    "request": "utilization_request r WHERE r.id = NEW.request_id",
    "draft": "utilization_criteriadraft d WHERE d.id = NEW.draft_id",
    "person": "utilization_user u WHERE u.id = NEW.user_id",
    "site": "utilization_site t WHERE t.id = NEW.site_id",
    "department": "utilization_department p WHERE p.id = NEW.department_id",
    "attachment": "utilization_attachment f WHERE f.id = OLD.attachment_id",
}
"""The row that both sides of a race have in common, by what an `Insertion` is about."""
