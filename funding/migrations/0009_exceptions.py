"""Limits and weights as dated rows, and exceptions by another person.

Four paid hours of a half day hold from the first year on, as they did in the code. The other limits
begin with the database: one without costs has them from the first year on, one with costs from the
day on which it gets them, so nobody is accused of a cost of before.

Nothing is approved beyond a rule without an exception that another person granted after the
custodian's check and before the approval; who granted neither approves nor pays.
"""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.periods
from config.lib.append_only import ForbidChanges

RULES = """
INSERT INTO funding_limitrule (kind, most, on_breach, source, period) VALUES
    ('half_day_hours', 4, 'blocks', '培训费管理办法（每半天最多按 4 学时计算）', '[2019-01-01,)');
INSERT INTO funding_limitrule (kind, most, on_breach, source, period)
SELECT kind, most, 'exception', source, daterange(CASE
           WHEN EXISTS (SELECT FROM funding_commitment)
           THEN (now() AT TIME ZONE 'Asia/Shanghai')::date ELSE '2019-01-01' END, NULL)
FROM (VALUES
    ('person_day', 550,
     '培训费管理办法（三类培训：住宿 340 元、伙食 130 元、场地资料交通 50 元、其他 30 元）'),
    ('equipment_item', 20000, '党员教育培训经费管理规定（大额设备须有集体决定和采购记录）')
) AS limits (kind, most, source)
"""

FITS = """
CREATE FUNCTION exception_request_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM funding_commitment c
        LEFT JOIN funding_feerule fee ON fee.id = c.fee_rule_id
        LEFT JOIN funding_limitrule rule ON rule.id = NEW.limit_rule_id
        WHERE c.id = NEW.commitment_id AND CASE WHEN NEW.limit_rule_id IS NULL
            THEN fee.on_breach = 'exception'
            ELSE rule.on_breach = 'exception'
             AND rule.period @> (c.requested_at AT TIME ZONE 'Asia/Shanghai')::date END
    ) THEN
        RAISE EXCEPTION 'no rule allows an exception for commitment %', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exception_request_fits';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exception_request_fits BEFORE INSERT ON funding_exceptionrequest
    FOR EACH ROW EXECUTE FUNCTION exception_request_fits();

CREATE FUNCTION exception_decision_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_commitment bigint;
BEGIN
    SELECT commitment_id INTO of_commitment FROM funding_exceptionrequest
        WHERE id = NEW.request_id;
    IF NOT EXISTS (
        SELECT FROM funding_commitment c JOIN funding_earmarkcheck k ON k.commitment_id = c.id
        WHERE c.id = of_commitment AND NEW.decided_by_id NOT IN (c.requested_by_id, k.checked_by_id)
    ) THEN
        RAISE EXCEPTION 'commitment % needs the check, then another person', of_commitment
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exception_decision_is_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exception_decision_fits BEFORE INSERT ON funding_exceptiondecision
    FOR EACH ROW EXECUTE FUNCTION exception_decision_fits()
"""
NO_FITS = """
DROP TRIGGER exception_decision_fits ON funding_exceptiondecision;
DROP FUNCTION exception_decision_fits();
DROP TRIGGER exception_request_fits ON funding_exceptionrequest;
DROP FUNCTION exception_request_fits()
"""

# What a commitment alone tells to be beyond a rule is asked for here. What a class comes to in all
# the portal counts.
IS_GRANTED = """
CREATE FUNCTION fund_approval_has_exception() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decision funding_exceptiondecision;
    asked boolean;
BEGIN
    SELECT EXISTS (SELECT FROM funding_exceptionrequest WHERE commitment_id = NEW.commitment_id)
        INTO asked;
    SELECT d.* INTO decision FROM funding_exceptiondecision d
        JOIN funding_exceptionrequest r ON r.id = d.request_id
        WHERE r.commitment_id = NEW.commitment_id;
    IF asked AND decision.outcome IS DISTINCT FROM 'granted' OR NOT asked AND EXISTS (
        SELECT FROM funding_commitment c
        LEFT JOIN funding_feerule fee ON fee.id = c.fee_rule_id
        LEFT JOIN funding_limitrule rule
          ON rule.kind = 'equipment_item' AND c.use = 'venue_equipment'
         AND rule.period @> (c.requested_at AT TIME ZONE 'Asia/Shanghai')::date
        WHERE c.id = NEW.commitment_id
          AND (c.amount > fee.ceiling * c.fee_hours OR c.amount > rule.most)
    ) THEN
        RAISE EXCEPTION 'commitment % lacks an exception from its rule', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_approval_has_exception';
    END IF;
    IF NEW.posted_by_id = decision.decided_by_id THEN
        RAISE EXCEPTION 'who granted the exception of commitment % neither approves nor pays',
            NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_transaction_is_not_by_granter';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fund_transaction_needs_exception BEFORE INSERT ON funding_fundtransaction
    FOR EACH ROW WHEN (NEW.kind IN ('approval', 'payment'))
    EXECUTE FUNCTION fund_approval_has_exception()
"""
NO_IS_GRANTED = """
DROP TRIGGER fund_transaction_needs_exception ON funding_fundtransaction;
DROP FUNCTION fund_approval_has_exception()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0008_class_costs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="feerule",
            name="on_breach",
            field=models.CharField(
                choices=[
                    ("blocks", "is refused"),
                    ("exception", "needs an exception by the organisation department"),
                ],
                db_default="blocks",
                default="blocks",
                max_length=10,
                verbose_name="what is beyond it",
            ),
        ),
        migrations.CreateModel(
            name="LimitRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("half_day_hours", "paid hours of a lecturer in a half day"),
                            ("person_day", "yuan for each person and day of a class"),
                            ("equipment_item", "yuan for an item of equipment"),
                        ],
                        max_length=20,
                        verbose_name="what is limited",
                    ),
                ),
                (
                    "most",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="at most"),
                ),
                (
                    "on_breach",
                    models.CharField(
                        choices=[
                            ("blocks", "is refused"),
                            ("exception", "needs an exception by the organisation department"),
                        ],
                        default="blocks",
                        max_length=10,
                        verbose_name="what is beyond it",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "limit of costs",
                "verbose_name_plural": "limits of costs",
                "ordering": ["kind", "period"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("most__gt", 0)),
                        name="limit_rule_is_positive",
                        violation_error_message="A limit is above 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "half_day_hours"), _negated=True),
                            ("on_breach", "blocks"),
                            _connector="OR",
                        ),
                        name="limit_rule_of_hours_blocks",
                        violation_error_message="Hours beyond those of a half day are never paid.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("kind", "="), ("period", "&&")],
                        name="limit_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end its period first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExceptionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "most",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="allowed by the rule (yuan)"
                    ),
                ),
                (
                    "reached",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="reached (yuan)"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "commitment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exception",
                        to="funding.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "limit_rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.limitrule",
                        verbose_name="limit of costs",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for an exception",
                "verbose_name_plural": "requests for exceptions",
            },
        ),
        migrations.CreateModel(
            name="WeightRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("fiscal", "fiscal appropriation"), ("dues", "dues supplement")],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("training", "training delivery"),
                            ("equipment", "equipment"),
                            ("running", "daily running"),
                        ],
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "base",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="base amount (yuan)"
                    ),
                ),
                (
                    "per_venue",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="for each venue (yuan)"
                    ),
                ),
                (
                    "per_member",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="for each member (yuan)"
                    ),
                ),
                (
                    "per_hour",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        verbose_name="for each delivered person-hour (yuan)",
                    ),
                ),
                (
                    "total",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="sum to share out (yuan)",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "weights of allocations",
                "verbose_name_plural": "weights of allocations",
                "ordering": ["channel", "purpose", "period"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base__gte", 0),
                            ("per_hour__gte", 0),
                            ("per_member__gte", 0),
                            ("per_venue__gte", 0),
                            models.Q(
                                ("base__gt", 0),
                                ("per_venue__gt", 0),
                                ("per_member__gt", 0),
                                ("per_hour__gt", 0),
                                _connector="OR",
                            ),
                        ),
                        name="weight_rule_weighs_something",
                        violation_error_message="One weight is above 0, and none is below.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total__isnull", True), ("total__gt", 0), _connector="OR"
                        ),
                        name="weight_rule_total_is_positive",
                        violation_error_message="An amount is above 0.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("channel", "="), ("purpose", "="), ("period", "&&")],
                        name="weight_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end its period first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExceptionDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("granted", "granted"), ("refused", "refused")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision",
                        to="funding.exceptionrequest",
                        verbose_name="request for an exception",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision on an exception",
                "verbose_name_plural": "decisions on exceptions",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="exception_decision_has_reason",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="exceptionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="exception_request_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reached__gt", models.F("most"))),
                name="exception_request_is_beyond",
            ),
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.RunSQL(FITS, NO_FITS),
        migrations.RunSQL(IS_GRANTED, NO_IS_GRANTED),
        ForbidChanges("funding_exceptionrequest"),
        ForbidChanges("funding_exceptiondecision"),
    ]
