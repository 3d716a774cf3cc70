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
