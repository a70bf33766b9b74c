"""The story of a request names everybody by a role that they have."""

from utilization.models import Membership, Request
from utilization.reports.timeline import timeline


def test_nobody_is_told_of_by_a_role_that_they_do_not_have(history):
    held = set(Membership.objects.values_list("user_id", "role"))
    told = {
        (happening.type, happening.actor_id, happening.role)
        for request in Request.objects.all()
        for happening in timeline(request, internal=True)
        if happening.actor_id
    }
    assert {each for each in told if each[2] and each[1:] not in held} == set()
    asked = {role for kind, _, role in told if kind == "opinion.asked"}
    assert asked <= {"pharmacist", "physician_reviewer"}
    assert asked
