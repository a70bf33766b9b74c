"""Criteria as they are written, published and kept."""

from collections.abc import Mapping

from utilization.reconciliation.columns.table import OWN_KEY, Table

CRITERIA: Mapping[str, Table] = {
    "utilization_packversion": Table(
        {
            "sha256": "the files, hashed again; the entries that name a pack give its hash",
            "files": "the files, hashed again",
            "shelf_sha256": "the tables beside it, hashed again; the entries that name a pack give their hash",
            "shelf": "the tables beside it, hashed again",
            "name": "the files, read again",
            "version": "the files, read again",
            "title": "the files, read again",
        },
        {"id": OWN_KEY, "loaded_at": "when the server first kept it; which day it judges from is in publications"},
    ),
    "utilization_criteriadraft": Table(
        {
            "uid": "criteria.started: draft",
            "site_id": "criteria.started: site",
            "name": "criteria.started: digest of the name",
            "files": "criteria.started, criteria.saved, criteria.uploaded, criteria.deleted: hash of the files",
            "base_id": "criteria.started: base and shelf",
            "author_id": "criteria.started: actor",
            "status": "the last criteria.* about it: which of them",
            "version": "the last criteria.* about it: version",
            "created_at": "criteria.started: time",
            "updated_at": "the last criteria.* about it: time",
            "updated_by_id": "criteria.started, saved, uploaded, deleted: actor",
            "pack_id": "criteria.proposed: pack and shelf; nothing after criteria.sent_back",
            "effective_from": "criteria.proposed: effective_from",
            "reason": "criteria.proposed: digest of the reason",
            "proposed_by_id": "criteria.proposed: actor",
            "proposed_name": "criteria.proposed: digest of the name",
            "proposed_at": "criteria.proposed: time",
            "returned_by_id": "criteria.sent_back: actor; nothing after criteria.proposed",
            "returned_at": "criteria.sent_back: time",
            "returned_reason": "criteria.sent_back: digest of the reason",
        },
        {"id": OWN_KEY},
    ),
    "utilization_draftedit": Table(
        {
            "draft_id": "criteria.started, saved, uploaded, deleted: draft",
            "user_id": "the same: actor",
            "at": "the first of these by that person: time",
        },
        {"id": OWN_KEY},
    ),
    "utilization_publication": Table(
        {
            "uid": "criteria.published: publication",
            "site_id": "criteria.published: site",
            "ordinal": "criteria.published: ordinal",
            "draft_id": "criteria.published: draft",
            "pack_id": "criteria.published: pack and shelf",
            "effective_from": "criteria.published: effective_from",
            "reason": "criteria.published: digest; before, criteria.proposed: digest of the reason",
            "proposed_by_id": "criteria.published: proposed_by",
            "proposed_name": "criteria.published: digest",
            "proposed_at": "criteria.proposed: time",
            "proposed_meaning": "criteria.published: digest",
            "signed_by_id": "criteria.published: actor",
            "signed_name": "criteria.published: digest",
            "signed_at": "criteria.published: time",
            "signed_meaning": "criteria.published: digest",
            "time_zone": "criteria.published: digest",
        },
        {"id": OWN_KEY},
    ),
    "utilization_impactpreview": Table(
        aside=dict.fromkeys(
            (
                "id",
                "draft_id",
                "draft_sha256",
                "against_sha256",
                "against",
                "history",
                "status",
                "asked_by_id",
                "asked_at",
                "beat_at",
                "ended_at",
                "done",
                "total",
                "failure",
                "findings",
            ),
            "worked out from requests and criteria, and again when asked for",
        )
    ),
    "utilization_impactpage": Table(
        aside=dict.fromkeys(("id", "preview_id", "group", "place", "rows"), "a part of an impact preview")
    ),
}
