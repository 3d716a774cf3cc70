"""Recompute the fund ledger from its rows and list what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from config.lib.rows import select_column

# Each check is a statement that returns the ids of offending rows; it must return none.
CHECKS: dict[str, str] = {
    "the legs of every transaction add up to zero": """
        SELECT t.id FROM funding_fundtransaction t
        LEFT JOIN funding_fundleg leg ON leg.transaction_id = t.id
        GROUP BY t.id HAVING count(leg.id) < 2 OR sum(leg.amount) <> 0
    """,
    "every balance is the sum of the legs up to it, and below zero nowhere": """
        SELECT id FROM (
            SELECT id, stage, balance, position,
                   sum(amount) OVER account AS recomputed, row_number() OVER account AS place
            FROM funding_fundleg
            WINDOW account AS (PARTITION BY school_id, channel, year, purpose, stage
                               ORDER BY position)
        ) legs
        WHERE balance <> recomputed OR position <> place OR (stage <> 'granted' AND balance < 0)
    """,
    "every leg is of the school and channel of its transaction": """
        SELECT leg.id FROM funding_fundleg leg
        JOIN funding_fundtransaction t ON t.id = leg.transaction_id
        WHERE (leg.school_id, leg.channel) <> (t.school_id, t.channel)
    """,
    "the transactions of a school and channel follow one another and are linked": """
        SELECT t.id FROM funding_fundtransaction t
        LEFT JOIN funding_fundtransaction former
          ON (former.school_id, former.channel, former.number)
           = (t.school_id, t.channel, t.number - 1)
        WHERE (t.number > 1 AND former.id IS NULL)
           OR t.link <> fund_link(coalesce(former.link, ''), fund_legs_text(former.id),
                                  fund_transaction_text(t))
    """,
    "every allocation is posted once, as it says": """
        SELECT a.id FROM funding_allocation a
        LEFT JOIN funding_fundtransaction t
          ON t.allocation_id = a.id AND t.kind IN ('allocation', 'taken_over')
        LEFT JOIN funding_fundleg leg
          ON leg.transaction_id = t.id AND leg.stage = 'available' AND
             (leg.school_id, leg.channel, leg.year, leg.purpose, leg.amount)
             = (a.school_id, a.channel, a.year, a.purpose, a.amount)
        GROUP BY a.id HAVING count(leg.id) <> 1
    """,
    "every commitment is reserved once, as it says": """
        SELECT c.id FROM funding_commitment c
        LEFT JOIN funding_fundtransaction t ON t.commitment_id = c.id AND t.kind = 'commitment'
        LEFT JOIN funding_fundleg leg
          ON leg.transaction_id = t.id AND leg.stage = 'committed' AND
             (leg.school_id, leg.channel, leg.year, leg.purpose, leg.amount)
             = (c.school_id, c.channel, c.year, c.purpose, c.amount)
        GROUP BY c.id HAVING count(leg.id) <> 1
    """,
    "what moves for a commitment is of its year and purpose": """
        SELECT leg.id FROM funding_fundleg leg
        JOIN funding_fundtransaction t ON t.id = leg.transaction_id
        JOIN funding_commitment c ON c.id = t.commitment_id
        WHERE (leg.school_id, leg.channel, leg.year, leg.purpose)
           <> (c.school_id, c.channel, c.year, c.purpose)
    """,
    "no commitment has less than nothing in a stage, or more than was asked for": """
        SELECT c.id FROM funding_commitment c
        JOIN funding_fundtransaction t ON t.commitment_id = c.id
        JOIN funding_fundleg leg ON leg.transaction_id = t.id AND leg.stage <> 'available'
        GROUP BY c.id, leg.stage, c.amount HAVING sum(leg.amount) NOT BETWEEN 0 AND c.amount
    """,
    "every reversal is the exact negative of its transaction": """
        SELECT DISTINCT r.id FROM funding_fundtransaction r
        JOIN funding_fundleg leg ON leg.transaction_id IN (r.id, r.reverses_id)
        WHERE r.reverses_id IS NOT NULL
        GROUP BY r.id, leg.year, leg.purpose, leg.stage HAVING sum(leg.amount) <> 0
    """,
    "no money of a closed year moves but by its carry-over": """
        SELECT DISTINCT t.id FROM funding_fundtransaction t
        LEFT JOIN funding_fundtransaction former ON former.id = t.reverses_id
        JOIN funding_fundleg leg ON leg.transaction_id = t.id
        JOIN schools_yearlock lock ON lock.year = leg.year
        WHERE t.posted_at > lock.locked_at + interval '1 minute'
          AND t.posted_at < coalesce(lock.released_at - interval '1 minute', 'infinity')
          AND NOT (coalesce(former.kind, t.kind) = 'carry_over' AND leg.stage = 'available'
                   AND (leg.amount < 0) = (former.id IS NULL))
    """,
    "no closed year leaves a cost that is reserved or approved and not paid": """
        SELECT c.id FROM funding_commitment c
        JOIN schools_yearlock lock ON lock.year = c.year AND lock.released_at IS NULL
        JOIN funding_fundtransaction t ON t.commitment_id = c.id
        JOIN funding_fundleg leg
          ON leg.transaction_id = t.id AND leg.stage IN ('committed', 'approved')
        GROUP BY c.id HAVING sum(leg.amount) <> 0
    """,
    "every carry-over takes what is available into the next year, for the same purpose": """
        SELECT t.id FROM funding_fundtransaction t
        JOIN funding_fundleg leg ON leg.transaction_id = t.id
        WHERE t.kind = 'carry_over'
        GROUP BY t.id HAVING count(*) <> 2 OR NOT bool_and(leg.stage = 'available')
            OR min(leg.purpose) <> max(leg.purpose)
            OR max(leg.year) FILTER (WHERE leg.amount > 0)
               IS DISTINCT FROM max(leg.year) FILTER (WHERE leg.amount < 0) + 1
    """,
    "every cost is a use that its rule permits on its day": """
        SELECT c.id FROM funding_commitment c
        JOIN funding_userule rule ON rule.id = c.use_rule_id
        WHERE (rule.channel, rule.use) <> (c.channel, c.use)
           OR NOT rule.period @> (c.requested_at AT TIME ZONE 'Asia/Shanghai')::date
    """,
    "what is beyond the rule of its fee or item asks for an exception that the rule allows": """
        SELECT c.id FROM funding_commitment c
        LEFT JOIN funding_feerule fee ON fee.id = c.fee_rule_id
        LEFT JOIN funding_limitrule item
          ON item.kind = 'equipment_item' AND c.use = 'venue_equipment'
         AND item.period @> (c.requested_at AT TIME ZONE 'Asia/Shanghai')::date
        LEFT JOIN funding_exceptionrequest asked
          ON asked.commitment_id = c.id AND asked.limit_rule_id IS NOT DISTINCT FROM item.id
        WHERE (c.amount > fee.ceiling * c.fee_hours OR c.amount > item.most)
          AND (asked.id IS NULL OR 'blocks' IN (fee.on_breach, item.on_breach))
    """,
    "nothing is approved without the exception it asked for, granted by another": """
        SELECT DISTINCT t.id FROM funding_fundtransaction t
        JOIN funding_commitment c ON c.id = t.commitment_id
        JOIN funding_exceptionrequest asked ON asked.commitment_id = c.id
        LEFT JOIN funding_earmarkcheck checked ON checked.commitment_id = c.id
        LEFT JOIN funding_exceptiondecision d ON d.request_id = asked.id
        WHERE t.kind IN ('approval', 'payment') AND (
            d.outcome IS DISTINCT FROM 'granted'
            OR d.decided_by_id IN (c.requested_by_id, checked.checked_by_id, t.posted_by_id)
            OR d.decided_at < checked.checked_at OR d.decided_at > t.posted_at)
    """,
    "nobody approves what they asked for or checked, or pays what they handled before": """
        SELECT t.id FROM funding_fundtransaction t
        JOIN funding_commitment c ON c.id = t.commitment_id
        LEFT JOIN funding_earmarkcheck checked ON checked.commitment_id = c.id
        WHERE t.kind IN ('approval', 'payment') AND (
            checked.id IS NULL
            OR t.posted_by_id IN (c.requested_by_id, checked.checked_by_id)
            OR t.kind = 'payment' AND EXISTS (
                SELECT FROM funding_fundtransaction approval
                WHERE approval.commitment_id = c.id AND approval.kind = 'approval'
                  AND approval.posted_by_id = t.posted_by_id))
    """,
    "every special audit keeps the population that its sample was drawn from": """
        SELECT a.id FROM funding_specialaudit a
        LEFT JOIN LATERAL (
            SELECT count(DISTINCT t.id) AS size, sum(leg.amount) AS total
            FROM funding_auditedfund f
            JOIN funding_fundtransaction t
              ON (t.school_id, t.channel) = (f.school_id, f.channel) AND t.kind = 'payment'
            JOIN funding_fundleg leg ON leg.transaction_id = t.id AND leg.stage = 'paid'
            WHERE f.audit_id = a.id AND t.id <= a.last_transaction_id
              AND a.period @> (t.posted_at AT TIME ZONE 'Asia/Shanghai')::date
              AND NOT EXISTS (SELECT FROM funding_fundtransaction r
                              WHERE r.reverses_id = t.id AND r.id <= a.last_transaction_id)
        ) drawn ON true
        WHERE (drawn.size, drawn.total) IS DISTINCT FROM (a.population_size, a.population_sum)
    """,
    "nobody audits what they asked for, checked, approved or paid": """
        SELECT a.id FROM funding_specialaudit a
        JOIN funding_auditedpayment sampled ON sampled.audit_id = a.id
        JOIN funding_fundtransaction paid ON paid.id = sampled.payment_id
        JOIN funding_commitment c ON c.id = paid.commitment_id
        LEFT JOIN funding_earmarkcheck checked ON checked.commitment_id = c.id
        WHERE a.opened_by_id IN (c.requested_by_id, checked.checked_by_id)
           OR EXISTS (SELECT FROM funding_fundtransaction step
                      WHERE step.commitment_id = c.id AND step.kind IN ('approval', 'payment')
                        AND step.posted_by_id = a.opened_by_id)
    """,
    "every payment has the vouchers that the rules of its day ask for": """
        SELECT DISTINCT t.id FROM funding_fundtransaction t
        JOIN funding_commitment c ON c.id = t.commitment_id
        JOIN funding_voucherrule rule ON rule.use = c.use
         AND rule.period @> (t.posted_at AT TIME ZONE 'Asia/Shanghai')::date
        WHERE t.kind = 'payment' AND NOT EXISTS (
            SELECT FROM funding_paymentvoucher v
            WHERE v.payment_id = t.id AND v.kind = rule.kind)
    """,
    "every voucher of a payment is of its cost, as it was uploaded, and stays": """
        SELECT p.id FROM funding_paymentvoucher p
        JOIN funding_fundtransaction t ON t.id = p.payment_id
        LEFT JOIN funding_voucher v ON v.id = p.voucher_id
        WHERE t.kind <> 'payment' OR p.voucher_id IS NOT NULL AND (
            (v.commitment_id, v.kind, v.digest) IS DISTINCT FROM (t.commitment_id, p.kind, p.digest)
            OR EXISTS (SELECT FROM funding_voucherwithdrawal w WHERE w.voucher_id = v.id))
    """,
    "every payment of a class cost has one delivered cause, which covers it": """
        SELECT t.id FROM funding_fundtransaction t
        JOIN funding_commitment c ON c.id = t.commitment_id AND c.cost_rate_id IS NOT NULL
        LEFT JOIN funding_deliveredcause d ON d.payment_id = t.id
        WHERE t.kind = 'payment' AND (
            d.id IS NULL OR round(d.units * c.unit_price, 2) < (
                SELECT sum(leg.amount) FROM funding_fundtransaction paid
                JOIN funding_fundleg leg ON leg.transaction_id = paid.id AND leg.stage = 'paid'
                WHERE paid.commitment_id = c.id AND paid.id <= t.id))
    """,
    "no cost of a class is reserved twice": """
        WITH held AS (
            SELECT c.id, c.training_class_id, c.use, c.instructor_id, c.year
            FROM funding_commitment c
            JOIN funding_fundtransaction t ON t.commitment_id = c.id
            JOIN funding_fundleg leg ON leg.transaction_id = t.id
             AND leg.stage IN ('committed', 'approved', 'paid')
            WHERE c.cost_rate_id IS NOT NULL
            GROUP BY c.id HAVING sum(leg.amount) > 0
        )
        SELECT max(id) FROM held
        GROUP BY training_class_id, use, instructor_id, year HAVING count(*) > 1
    """,
    "no receipt stands at two costs": """
        SELECT v.id FROM funding_voucher v
        JOIN funding_voucher other ON other.kind = v.kind AND other.commitment_id < v.commitment_id
         AND (other.digest = v.digest
              OR v.invoice_number <> '' AND other.invoice_number = v.invoice_number)
        WHERE v.kind = 'receipt' AND NOT EXISTS (
            SELECT FROM funding_voucherwithdrawal w WHERE w.voucher_id IN (v.id, other.id))
    """,
    "no hour of a lecturer in a class is paid twice": """
        WITH paid AS (
            SELECT c.id, c.training_class_id, c.instructor_id,
                   coalesce(max(d.units), c.fee_hours) AS fee_hours
            FROM funding_commitment c
            JOIN funding_fundtransaction t ON t.commitment_id = c.id
            JOIN funding_paymentvoucher v ON v.payment_id = t.id AND v.kind = 'fee_sheet'
            LEFT JOIN funding_deliveredcause d ON d.payment_id = t.id
            WHERE NOT EXISTS (SELECT FROM funding_fundtransaction r WHERE r.reverses_id = t.id)
            GROUP BY c.id
        ), half_days AS (
            SELECT training_class_id, instructor_id, least(sum(hours), max(rule.most)) AS hours
            FROM courses_session
            LEFT JOIN funding_limitrule rule
              ON rule.kind = 'half_day_hours' AND rule.period @> held_on
            WHERE called_off_at IS NULL
            GROUP BY training_class_id, instructor_id, held_on,
                     extract(hour FROM starts_at AT TIME ZONE 'Asia/Shanghai') < 12
        )
        SELECT max(paid.id) FROM paid GROUP BY training_class_id, instructor_id
        HAVING sum(fee_hours) > (
            SELECT coalesce(sum(hours), 0) FROM half_days
            WHERE (half_days.training_class_id, half_days.instructor_id)
                = (paid.training_class_id, paid.instructor_id))
    """,
}


@dataclass(frozen=True)
class FundFinding:
    """One failed check, with some of the offending ids."""

    check: str
    count: int
    examples: list[int]


def list_fund_findings() -> list[FundFinding]:
    """Run every check; an empty list means that the fund ledger is consistent."""
    findings = []
    for name, statement in CHECKS.items():
        ids = sorted(select_column(statement))
        if ids:
            findings.append(FundFinding(name, len(ids), ids[:10]))
    return findings
