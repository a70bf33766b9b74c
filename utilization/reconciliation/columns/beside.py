"""The logs, which are checked as such, and tables in which nothing is evidence."""

from collections.abc import Mapping

from utilization.reconciliation.columns.table import Table

BESIDE: Mapping[str, Table] = {
    "utilization_event": Table(
        aside=dict.fromkeys(
            ("seq", "at", "type", "site_id", "request_id", "actor_id", "body"),
            "the log itself: its entries are held against their bytes, and those against signed checkpoints",
        )
    ),
    "utilization_loghead": Table(aside=dict.fromkeys(("id", "size"), "counts the log, and is held against it")),
    "utilization_lognode": Table(
        aside=dict.fromkeys(("level", "number", "hash"), "the tree over the log, worked out again from its entries")
    ),
    "utilization_checkpoint": Table(
        aside=dict.fromkeys(("size", "root", "note", "made_at"), "signed by a key outside, and checked by that")
    ),
    "utilization_digestsalt": Table(
        aside=dict.fromkeys(("id", "value"), "a salt: with another one the digest that it is for fits no row")
    ),
    "utilization_accessentry": Table(
        aside=dict.fromkeys(
            ("id", "at", "site_id", "actor_id", "actor_name", "patient_id", "request_id", "what"),
            "vouched for whole, a batch of rows an entry: access.closed",
        )
    ),
    "utilization_trainingcopy": Table(
        aside=dict.fromkeys(("id", "made_at", "backed_up_at"), "says of a restored copy that it is one, and of no case")
    ),
    "utilization_wrongpassword": Table(
        aside=dict.fromkeys(
            ("id", "user_id", "session", "at"), "a counter against guessing, deleted when it has served"
        )
    ),
    "utilization_lastcode": Table(
        aside=dict.fromkeys(("user_id", "step"), "a counter that keeps a code of an app from serving twice")
    ),
    "utilization_logcheck": Table(
        aside=dict.fromkeys(
            (
                "id",
                "asked_by_id",
                "asked_at",
                "ended_at",
                "status",
                "failure",
                "size",
                "sealed",
                "problem_count",
                "problems",
                "remarks",
            ),
            "what a check came to: whoever doubts it checks again, by manage.py verify_log on a copy",
        )
    ),
    "utilization_export": Table(
        aside=dict.fromkeys(
            (
                "id",
                "uid",
                "site_id",
                "what",
                "form",
                "identified",
                "reason",
                "wanted",
                "query",
                "asked_by_id",
                "asked_at",
                "status",
                "attempts",
                "beat_at",
                "ended_at",
                "done",
                "total",
                "failure",
                "rows",
                "size",
                "sha256",
                "removed_at",
            ),
            "a copy that was handed out: what it says is held in its sources, who asked and fetched in export.*",
        )
    ),
    "utilization_notice": Table(
        aside=dict.fromkeys(
            (
                "id",
                "recipient_id",
                "site_id",
                "request_id",
                "event_seq",
                "event_type",
                "kind",
                "urgent",
                "made_at",
                "read_at",
                "digest_at",
                "delivery_id",
                "covering_for_id",
            ),
            "tells one person of an entry, whose number it holds: what happened is that entry",
        )
    ),
    "utilization_delivery": Table(
        aside=dict.fromkeys(
            (
                "id",
                "uid",
                "recipient_id",
                "state",
                "made_at",
                "attempts",
                "next_try",
                "gives_up_at",
                "sent_at",
                "failure",
            ),
            "a mail that is under way or was sent: what it tells of is in entries",
        )
    ),
    "utilization_noticechoice": Table(
        aside=dict.fromkeys(("id", "user_id", "kind", "way"), "a person's wish how to be told: it gives no right")
    ),
    "utilization_savedfilter": Table(
        aside=dict.fromkeys(
            ("id", "user_id", "page", "name", "query"), "a person's own bookmark of a list, which says nothing of it"
        )
    ),
    "utilization_sentform": Table(
        aside=dict.fromkeys(
            ("id", "user_id", "token", "sha256", "location", "at"), "keeps a form from being sent twice, for some days"
        )
    ),
    "utilization_askedinminute": Table(
        aside=dict.fromkeys(("place", "minute", "asked"), "counts for a minute how often strangers ask")
    ),
    "utilization_passwordturn": Table(
        aside=dict.fromkeys(("place", "until"), "has one password of an account checked at a time, for seconds")
    ),
}

_NO_RIGHTS = "gives no right here: what people may do comes from their memberships alone"
_SIGN_IN = "of the sign-in page: what is signed is evidence"
_SESSION = "a session or its messages, gone when it ends"

OTHER_TABLES: Mapping[str, str] = {
    "utilization_user_groups": _NO_RIGHTS,
    "utilization_user_user_permissions": _NO_RIGHTS,
    "auth_group": _NO_RIGHTS,
    "auth_group_permissions": _NO_RIGHTS,
    "auth_permission": _NO_RIGHTS,
    "django_content_type": "Django's list of tables",
    "django_session": _SESSION,
    "account_emailaddress": _SIGN_IN,
    "account_emailconfirmation": _SIGN_IN,
    "axes_accessattempt": _SIGN_IN,
    "axes_accessattemptexpiration": _SIGN_IN,
    "axes_accessfailurelog": _SIGN_IN,
    "axes_accesslog": _SIGN_IN,
    "mfa_authenticator": "lets its owner in: a signature by passkey is held against the key that passkey.added tells",
    "django_tasks_database_dbtaskresult": "work in the background: what it does leaves its own rows",
}
"""Tables of libraries, and why nothing in them is evidence."""
