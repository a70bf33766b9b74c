"""Patients, people, and the sites where they work."""

from collections.abc import Mapping

from utilization.reconciliation.columns.table import OWN_KEY, Table

PEOPLE: Mapping[str, Table] = {
    "utilization_patient": Table(
        {
            "uid": "patient.added: patient",
            "site_id": "patient.added: site",
            "mrn": "patient.added, patient.corrected: digest of the identity",
            "name": "the same: digest of the identity",
            "date_of_birth": "the same: digest of the identity",
            "sex": "the same: digest of the identity",
            "height_cm": "patient.added, patient.measured, patient.merged: digest of the measures",
            "weight_kg": "the same: digest of the measures",
            "height_typed": "the same: digest of the measures",
            "weight_typed": "the same: digest of the measures",
            "measured_on": "the same: digest of the measures",
            "died_on": "patient.death_recorded: died_on; nothing after patient.death_taken_back; taken over by a merge",
            "merged_into_id": "patient.merged and patient.separated",
            "created_at": "patient.added: time",
            "created_by_id": "patient.added: actor",
            "updated_at": "patient.added, patient.measured: time; taken over by a merge",
            "updated_by_id": "patient.added, patient.measured: actor; taken over by a merge",
            "corrected_at": "patient.corrected, of birth date or sex: time",
            "corrected_by_id": "patient.corrected, of birth date or sex: actor",
        },
        {"id": OWN_KEY},
    ),
    "utilization_patientchange": Table(
        {
            "id": "patient.*: change",
            "patient_id": "patient.*: patient",
            "other_id": "patient.merged: merged; patient.separated: separated",
            "kind": "patient.*: which of them",
            "at": "patient.*: time",
            "by_id": "patient.*: actor",
            "changes": "patient.*: digest",
            "moved": "patient.*: digest",
            "reason": "patient.*: digest",
        }
    ),
    "utilization_patientkey": Table(
        aside=dict.fromkeys(
            ("id", "site_id", "patient_id", "kind", "key", "former"),
            "an index, made of names and MRNs: it shows no value",
        )
    ),
    "utilization_user": Table(
        {
            "id": "site.founded: administrator; person.invited, administrator.restored: person",
            "username": "the same: digest of the identity",
            "email": "the same: digest of the identity",
            "full_name": "the same: digest of the identity",
            "title": "the same: digest of the identity",
            "is_active": "person.deactivated and person.reactivated",
            "is_staff": "no entry: nobody is ever made so",
            "is_superuser": "no entry: nobody is ever made so",
        },
        {
            "password": "a secret: what is signed with it is evidence",
            "sessions_ended": "it ends sessions, as a changed password does: what was taken away has an entry",
            "last_login": "a remark of the sign-in page",
            "date_joined": "the server's clock: the entry has the time",
        },
    ),
    "utilization_membership": Table(
        {
            "user_id": "site.founded, person.invited, role.given, administrator.restored: person",
            "site_id": "the same: site",
            "department_id": "the same: department",
            "role": "the same: role",
            "started_at": "the same: time",
            "ended_at": "role.ended, and role.given where the department changes: time",
            "assigned_at": "request.assigned, of the holder in this role: time",
        },
        {"id": OWN_KEY},
    ),
    "utilization_heldspecialty": Table(
        {
            "id": "person.specialties: given",
            "user_id": "person.specialties: person",
            "site_id": "person.specialties: site",
            "specialty": "person.specialties: given",
            "started_at": "person.specialties, which gave it: time",
            "ended_at": "person.specialties, which ended it: time",
        }
    ),
    "utilization_accountact": Table(
        {
            "user_id": "site.founded: administrator; person.invited and what was done to the account since: person",
            "kind": "the same: account",
            "by_id": "the same: actor",
            "at": "the same: time",
        },
        {"id": OWN_KEY},
    ),
    "utilization_passwordletter": Table(
        aside=dict.fromkeys(
            ("id", "user_id", "code_digest", "asked_by_id", "asked_at", "printed_by_id", "printed_at", "wrong"),
            "a link that is under way, deleted when the password is set",
        )
    ),
    "utilization_signinentry": Table(
        aside=dict.fromkeys(
            ("id", "at", "kind", "user_id", "user_name", "by_id", "by_name", "address", "detail"),
            "vouched for whole, a batch of rows an entry: sign_ins.closed",
        )
    ),
    "utilization_site": Table(
        {
            "id": "the key by which its entries are found",
            "code": "site.founded: site",
            "name": "site.founded: name; site.hospital: now, name",
            "address": "site.founded: address; site.hospital: now, address",
            "time_zone": "site.founded: time_zone; site.hospital: now, time_zone",
            "public_check": "check.opened and check.closed",
            "strong_roles": "site.signing_rule: now; none before",
            "appeal_days": "site.appeal_days: now; 30 before",
            "fewest_patients": "site.reports: now, fewest_patients; 11 before",
            "report_year_starts": "site.reports: now, report_year_starts; January before",
            "claim_hours": "site.claims: now, claim_hours; 4 before",
            "assigns_in_turn": "site.claims: now, assigns_in_turn; not before",
            "on_call_name": "site.emergencies: now, on_call_name; none before",
            "on_call_phone": "site.emergencies: now, on_call_phone; none before",
            "review_after_hours": "site.emergencies: now, review_after_hours; 24 before",
            "confirm_order_hours": "site.emergencies: now, confirm_order_hours; 24 before",
            "mail_from_name": "site.mail_sender: now, mail_from_name; none before",
            "mail_reply_to": "site.mail_sender: now, mail_reply_to; none before",
            "usual_product": "site.usual_product: now, usual_product; none before",
        }
    ),
    "utilization_sitelogo": Table(
        {
            "site_id": "site.logo: site; none after one whose now is empty",
            "sha256": "site.logo: now, sha256",
            "width": "site.logo: now, width",
            "height": "site.logo: now, height",
            "content": "site.logo: now, sha256 of the bytes",
            "at": "site.logo: time",
            "by_id": "site.logo: actor",
        },
        {"id": OWN_KEY},
    ),
    "utilization_signonlink": Table(
        {
            "user_id": "sign_on.linked: person; nobody after sign_on.unlinked",
            "issuer": "sign_on.linked: issuer",
            "subject": "sign_on.linked: subject",
            "linked_at": "sign_on.linked: time",
            "linked_by_id": "sign_on.linked: actor",
        },
        {"id": OWN_KEY},
    ),
    "utilization_department": Table(
        {
            "id": "site.founded: departments; department.added: department",
            "site_id": "the same: site",
            "name": "the same: name; department.renamed: now",
        }
    ),
    "utilization_closeddepartment": Table(
        {
            "department_id": "department.closed: department; none after department.reopened",
            "at": "department.closed: time",
            "by_id": "department.closed: actor",
        },
        {"id": OWN_KEY},
    ),
    "utilization_clockversion": Table(
        {
            "id": "site.clock: clock",
            "site_id": "site.clock: site",
            "since": "site.clock: since",
            "rules": "site.clock: rules",
            "at": "site.clock: time",
            "by_id": "site.clock: actor",
        }
    ),
    "utilization_absence": Table(
        {
            "id": "absence.entered: absence",
            "site_id": "absence.entered: site",
            "person_id": "absence.entered: person",
            "cover_id": "absence.entered: cover",
            "first_day": "absence.entered: first_day",
            "last_day": "absence.entered: last_day",
            "begins_at": "absence.entered: begins_at",
            "ends_at": "absence.entered: ends_at; after absence.ended: ends_at of that",
            "entered_at": "absence.entered: time",
            "entered_by_id": "absence.entered: actor",
            "ended_at": "absence.ended: time",
            "ended_by_id": "absence.ended: actor",
        }
    ),
    "utilization_uncoveredday": Table(
        {
            "id": "queue.uncovered: uncovered",
            "site_id": "queue.uncovered: site",
            "role": "queue.uncovered: role",
            "day": "queue.uncovered: day",
            "at": "queue.uncovered: time",
        }
    ),
    "utilization_price": Table(
        {
            "id": "price.entered: price",
            "site_id": "price.entered: site",
            "brand": "price.entered: brand",
            "per_gram": "price.entered: per_gram",
            "currency": "price.entered: currency",
            "at": "price.entered: time",
            "by_id": "price.entered: actor",
        }
    ),
}
