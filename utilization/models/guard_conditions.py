"""What several guards ask, as SQL over the row that is written."""

from utilization.rules.lifecycle import OPEN
from utilization.rules.roles import CLINICAL

# What stands last in the record of an account; where nothing does, nobody knows whose it is.
CONFIRMED = (
    "COALESCE((SELECT a.kind FROM utilization_accountact a WHERE a.user_id = {signer} ORDER BY a.id DESC LIMIT 1), '')"
    " IN ('confirmed', 'before')"
)

CLINICAL_ROLES = f"({', '.join(sorted(repr(role.value) for role in CLINICAL))})"
BOTH = (
    "NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM utilization_membership m"  # noqa: S608 - names from Role
    " WHERE m.user_id = NEW.user_id AND m.site_id = NEW.site_id AND m.ended_at IS NULL"
    f" AND (m.role = 'administrator' AND NEW.role IN {CLINICAL_ROLES}"
    f" OR NEW.role = 'administrator' AND m.role IN {CLINICAL_ROLES}))"
)

WRITERS = " UNION ".join(
    (
        "SELECT q.author_id FROM utilization_request q WHERE q.id = NEW.request_id",
        "SELECT a.user_id FROM utilization_authorship a WHERE a.request_id = NEW.request_id",
        "SELECT s.created_by_id FROM utilization_submission s WHERE s.request_id = NEW.request_id",
        "SELECT n.answered_by_id FROM utilization_question n WHERE n.request_id = NEW.request_id",
        "SELECT m.by_id FROM utilization_message m WHERE m.request_id = NEW.request_id AND m.side = 'department'",
    )
)
"""Everybody who wrote a part of the request of a new row."""

AWAY_THEN = (
    "SELECT 1 FROM utilization_absence w WHERE w.site_id = NEW.site_id AND w.person_id = {who}"
    " AND w.begins_at < w.ends_at AND w.begins_at < NEW.ends_at AND w.ends_at > NEW.begins_at"
)

REVIEWED = f"({', '.join(sorted(repr(status.value) for status in OPEN))})"
"""The statuses of what is filed and not decided."""
CLOSED = "EXISTS (SELECT 1 FROM utilization_closeddepartment c WHERE c.department_id = NEW.department_id)"
"""Whether the department of a new row is closed."""
