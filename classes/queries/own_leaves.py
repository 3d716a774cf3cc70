"""The check that nobody answers their own request for leave."""

from hours.queries.own_acts import OWN_LINKS, own_act

OWN_LEAVES = f"""
WITH {OWN_LINKS}
SELECT DISTINCT leave.id FROM classes_leaverequest leave
JOIN own ON {own_act("leave.answered_by_id", "leave.member_id", "leave.answered_at")}
"""  # noqa: S608 - fixed text, no input
LEAVE_CHECKS = {"nobody answers a request for leave of their own": OWN_LEAVES}
