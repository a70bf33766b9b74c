"""What two people sign together because nobody may do it alone: acts on the log as a whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from utilization import access
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Refused
from utilization.workflow.presence import Presence, check_presence

Signers = Sequence[tuple[User, Presence]]


def signed_by_two(
    signers: Signers, terms: Mapping[str, Any], what: str, *, at: datetime, site: Site | None = None
) -> list[dict[str, Any]]:
    """What an entry keeps of the two who sign `terms`: {"person", "name", "presence"} of each.

    Each audits or manages the people of `site`, or of any site, and their account is known to be theirs. `what` ends
    the sentence "Two different people have to sign ...". Raises Refused, Invalid on password.
    """
    if len(signers) != 2 or len({signer.pk for signer, _ in signers}) != 2:
        raise Refused(f"Two different people have to sign {what}.")
    kept = []
    for signer, presence in signers:
        if not any(access.can(signer, permission, site=site) for permission in _MAY_SIGN):
            where = f" of {site.name}" if site else ""
            raise Refused(f"{signer.full_name} is neither an auditor nor an administrator{where}.")
        if why := access.why_not_sign(signer):
            raise Refused(f"{signer.full_name}: {why}")
        how = check_presence(presence, signer, at, partial(dict, terms, signed_by=signer.pk))
        kept.append({"person": signer.pk, "name": signer.signature_name, "presence": how})
    return kept


_MAY_SIGN = (Permission.AUDIT, Permission.MANAGE_PEOPLE)
