"""Which accounts and member rows are one person's, and when: for checks of who acted for whom.

`accounts.interests` refuses such acts; `verify_ledger` finds one that came about otherwise.
"""

# A link counts from the merge that made it until it was undone, so that an act from before, when
# nobody knew that two rows are one person, is not named.
OWN_LINKS = """
merged AS (
    SELECT kept_id, given_up_id, (ended ->> 'account')::bigint AS account,
           decided_at AS since, coalesce(undone_at, 'infinity') AS until
    FROM trainees_membermerge WHERE state IN ('done', 'undone')
), own AS (
    SELECT m.user_id AS account, m.id AS member_id,
           coalesce((SELECT max(since) FROM merged WHERE kept_id = m.id AND account = m.user_id
                     AND until = 'infinity'), '-infinity') AS since,
           'infinity'::timestamptz AS until
    FROM trainees_member m WHERE m.user_id IS NOT NULL
    UNION ALL
    SELECT account, given_up_id, '-infinity', 'infinity' FROM merged WHERE account IS NOT NULL
    UNION ALL
    SELECT account, kept_id, since, until FROM merged WHERE account IS NOT NULL
    UNION ALL
    SELECT m.user_id, merged.given_up_id, merged.since, merged.until FROM merged
    JOIN trainees_member m ON m.id = merged.kept_id WHERE m.user_id IS NOT NULL
)
"""


def own_act(account: str, member: str, at: str) -> str:
    """The condition of a JOIN with `own`: at the moment `at` the account was this member's."""
    return (
        f"own.account = {account} AND own.member_id = {member}"
        f" AND {at} >= own.since AND {at} < own.until"
    )


# The answers to one's own dispute; the ids are those of the entries.
OWN_DISPUTES = f"""
WITH {OWN_LINKS}
SELECT DISTINCT entry.id FROM hours_disputeentry entry
JOIN hours_dispute dispute ON dispute.id = entry.dispute_id
JOIN own ON {own_act("entry.written_by_id", "dispute.member_id", "entry.written_at")}
WHERE entry.step IN ('answered', 'decided')
"""  # noqa: S608 - fixed text, no input

# Departures, and merges, that concern the person who recorded or decided them.
OWN_DEPARTURES = f"""
WITH {OWN_LINKS}
SELECT departure.id FROM trainees_departure departure
JOIN own ON {own_act("departure.recorded_by_id", "departure.member_id", "departure.recorded_at")}
UNION
SELECT departure.id FROM trainees_departure departure
JOIN own
  ON {own_act("departure.taken_back_by_id", "departure.member_id", "departure.taken_back_at")}
"""  # noqa: S608 - fixed text, no input
OWN_MERGES = f"""
WITH {OWN_LINKS}, acts AS (
    SELECT id, account, at, member_id FROM trainees_membermerge merge
    CROSS JOIN LATERAL (VALUES (proposed_by_id, proposed_at), (decided_by_id, decided_at),
                               (undone_by_id, undone_at)) AS act (account, at)
    CROSS JOIN LATERAL (VALUES (kept_id), (given_up_id)) AS of (member_id)
)
SELECT DISTINCT acts.id FROM acts JOIN own ON {own_act("acts.account", "acts.member_id", "acts.at")}
"""  # noqa: S608 - fixed text, no input

# A fact of a member has no column of the person who entered it: the trail tells. What follows from
# a change of organisations, such as the end of all posts in one, is no act on oneself.
OWN_FACTS = f"""
WITH {OWN_LINKS}, acts AS (
    SELECT entry.id, entry.act, entry.actor_id, entry.at,
           CASE entry.object_type WHEN 'trainees.member' THEN entry.object_id::bigint
           ELSE coalesce((entry.after ->> 'member_id')::bigint,
                         (entry.before ->> 'member_id')::bigint, exemption.member_id,
                         post.member_id, membership.member_id) END AS member_id
    FROM accounts_auditentry entry
    LEFT JOIN trainees_exemption exemption
      ON entry.object_type = 'trainees.exemption' AND exemption.id::text = entry.object_id
    LEFT JOIN trainees_post post
      ON entry.object_type = 'trainees.post' AND post.id::text = entry.object_id
    LEFT JOIN trainees_membership membership
      ON entry.object_type = 'trainees.membership' AND membership.id::text = entry.object_id
    WHERE entry.act IN ('grant_exemption', 'end_exemption', 'appoint_to_post', 'end_post',
                        'add_record', 'change_record', 'delete_record', 'transfer_member',
                        'change_membership_status', 'return_member')
      AND (entry.object_type IN ('trainees.exemption', 'trainees.post', 'trainees.membership')
           OR entry.object_type = 'trainees.member' AND (
               entry.act NOT IN ('add_record', 'change_record', 'delete_record')
               OR entry.act = 'change_record'
                 AND entry.after ?| ARRAY['joined_on', 'full_member_on']))
)
SELECT DISTINCT acts.id FROM acts
JOIN own ON {own_act("acts.actor_id", "acts.member_id", "acts.at")}
WHERE acts.act <> 'transfer_member' OR NOT EXISTS (
    SELECT FROM accounts_auditentry of_network
    WHERE of_network.act = 'merge_organisations'
      AND of_network.actor_id = acts.actor_id AND of_network.at = acts.at)
"""  # noqa: S608 - fixed text, no input

# Slips and roles: acts on an account, one's own or another of the same person.
OWN_POWER = f"""
WITH {OWN_LINKS}, acts AS (
    SELECT entry.id, entry.actor_id, entry.at,
           CASE entry.object_type WHEN 'accounts.user' THEN entry.object_id::bigint
           ELSE coalesce((entry.after ->> 'user_id')::bigint, (entry.before ->> 'user_id')::bigint,
                         role.user_id) END AS account
    FROM accounts_auditentry entry
    LEFT JOIN schools_rolegrant role
      ON entry.object_type = 'schools.rolegrant' AND role.id::text = entry.object_id
    WHERE entry.act = 'issue_slip' AND entry.object_type = 'accounts.user'
       OR entry.act IN ('add_record', 'change_record', 'delete_record')
         AND entry.object_type = 'schools.rolegrant'
)
SELECT id FROM acts WHERE account = actor_id
UNION
SELECT acts.id FROM acts JOIN own ON own.account = acts.actor_id
JOIN own theirs ON theirs.account = acts.account AND theirs.member_id = own.member_id
WHERE acts.at >= own.since AND acts.at < own.until
  AND acts.at >= theirs.since AND acts.at < theirs.until
"""  # noqa: S608 - fixed text, no input
