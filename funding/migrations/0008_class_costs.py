"""Costs that classes cause: their rates, what is reserved by units, and what was delivered.

At the end of the database's transaction a class has one reservation for each use, lecturer and year,
and a payment of it has its delivered cause, which covers all that was paid. A receipt stands at one
cost.
"""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
from django.conf import settings
from django.db import migrations, models

import config.lib.periods
from config.lib.append_only import ForbidChanges

ONCE = """
CREATE FUNCTION class_cost_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made funding_commitment;
BEGIN
    SELECT * INTO made FROM funding_commitment WHERE id = NEW.commitment_id;
    IF made.cost_rate_id IS NOT NULL AND 1 < (
        SELECT count(*) FROM (
            SELECT FROM funding_commitment c
            JOIN funding_fundtransaction t ON t.commitment_id = c.id
            JOIN funding_fundleg leg ON leg.transaction_id = t.id
             AND leg.stage IN ('committed', 'approved', 'paid')
            WHERE c.cost_rate_id IS NOT NULL AND c.training_class_id = made.training_class_id
              AND (c.use, c.instructor_id, c.year)
                  IS NOT DISTINCT FROM (made.use, made.instructor_id, made.year)
            GROUP BY c.id HAVING sum(leg.amount) > 0
        ) held
    ) THEN
        RAISE EXCEPTION 'the cost of commitment % is reserved already', made.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'class_cost_once';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER class_cost_once AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'commitment')
    EXECUTE FUNCTION class_cost_once()
"""
NOT_ONCE = """
DROP TRIGGER class_cost_once ON funding_fundtransaction;
DROP FUNCTION class_cost_once()
"""

DELIVERED = """
CREATE FUNCTION class_cost_paid_as_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made funding_commitment;
BEGIN
    SELECT * INTO made FROM funding_commitment WHERE id = NEW.commitment_id;
    IF made.cost_rate_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM funding_deliveredcause d
        WHERE d.payment_id = NEW.id AND round(d.units * made.unit_price, 2) >= (
            SELECT sum(leg.amount) FROM funding_fundtransaction t
            JOIN funding_fundleg leg ON leg.transaction_id = t.id AND leg.stage = 'paid'
            WHERE t.commitment_id = made.id AND t.id <= NEW.id)
    ) THEN
        RAISE EXCEPTION 'payment % is not covered by what was delivered', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'class_cost_paid_as_delivered';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER class_cost_paid_as_delivered AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'payment')
    EXECUTE FUNCTION class_cost_paid_as_delivered();

CREATE FUNCTION delivered_cause_has_a_roll() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM funding_fundtransaction t
        JOIN funding_commitment c ON c.id = t.commitment_id AND c.cost_rate_id IS NOT NULL
        JOIN courses_session s ON s.training_class_id = c.training_class_id
         AND s.called_off_at IS NULL
         AND (c.instructor_id IS NULL OR s.instructor_id = c.instructor_id)
        JOIN classes_roll r ON r.session_id = s.id AND r.state = 'submitted'
        WHERE t.id = NEW.payment_id AND t.kind = 'payment'
    ) THEN
        RAISE EXCEPTION 'no submitted roll is the cause of payment %', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivered_cause_has_a_roll';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivered_cause_has_a_roll BEFORE INSERT ON funding_deliveredcause
    FOR EACH ROW EXECUTE FUNCTION delivered_cause_has_a_roll()
"""
NOT_DELIVERED = """
DROP TRIGGER delivered_cause_has_a_roll ON funding_deliveredcause;
DROP FUNCTION delivered_cause_has_a_roll();
DROP TRIGGER class_cost_paid_as_delivered ON funding_fundtransaction;
DROP FUNCTION class_cost_paid_as_delivered()
"""

RECEIPT = """
CREATE FUNCTION receipt_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM funding_voucher v
        WHERE v.kind = 'receipt' AND v.commitment_id <> NEW.commitment_id
          AND (v.digest = NEW.digest
               OR NEW.invoice_number <> '' AND v.invoice_number = NEW.invoice_number)
          AND NOT EXISTS (SELECT FROM funding_voucherwithdrawal w WHERE w.voucher_id = v.id)
    ) THEN
        RAISE EXCEPTION 'this receipt stands at another commitment than %', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_once BEFORE INSERT ON funding_voucher
    FOR EACH ROW WHEN (NEW.kind = 'receipt') EXECUTE FUNCTION receipt_once()
"""
NOT_RECEIPT = """
DROP TRIGGER receipt_once ON funding_voucher;
DROP FUNCTION receipt_once()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0009_job_parts"),
        ("courses", "0009_reason_of_the_lecturer"),
        ("funding", "0007_special_audits"),
        ("instructors", "0006_home_and_initials"),
        ("schools", "0005_closed_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CostRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("lecturer_fee", "lecturer fee"),
                            ("meals", "meals"),
                            ("transport", "transport"),
                            ("venue", "hire of a venue"),
                        ],
                        max_length=20,
                        verbose_name="use",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "no title"),
                            ("associate_professor", "associate-professor level"),
                            ("professor", "professor level"),
                            ("academician", "academician or national expert"),
                        ],
                        default="",
                        help_text="For a lecturer fee alone.",
                        max_length=20,
                        verbose_name="professional title",
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
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="price of a unit (yuan)"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "cost rate of classes",
                "verbose_name_plural": "cost rates of classes",
                "ordering": ["use", "title", "period"],
            },
        ),
        migrations.CreateModel(
            name="DeliveredCause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "units",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="units"),
                ),
            ],
            options={
                "verbose_name": "delivered cause of a payment",
                "verbose_name_plural": "delivered causes of payments",
            },
        ),
        migrations.AddField(
            model_name="commitment",
            name="unit_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                verbose_name="price of a unit (yuan)",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="units",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=8, null=True, verbose_name="units"
            ),
        ),
        migrations.AddField(
            model_name="voucher",
            name="invoice_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="invoice number"
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "receipt"), ("invoice_number", ""), _connector="OR"),
                name="voucher_with_invoice_is_receipt",
            ),
        ),
        migrations.AddConstraint(
            model_name="costrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="cost_rate_is_positive",
                violation_error_message="An amount is above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="costrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("use__in", ("lecturer_fee", "meals", "transport", "venue"))),
                name="cost_rate_of_what_classes_cause",
                violation_error_message="No class causes this cost by itself.",
            ),
        ),
        migrations.AddConstraint(
            model_name="costrate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("use", "lecturer_fee"), models.Q(("title", ""), _negated=True)),
                    models.Q(models.Q(("use", "lecturer_fee"), _negated=True), ("title", "")),
                    _connector="OR",
                ),
                name="cost_rate_of_fee_names_title",
                violation_error_message="A lecturer fee has a title, another cost none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="costrate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("use", "="), ("title", "="), ("period", "&&")],
                name="cost_rate_one_at_a_time",
                violation_error_message="A version is in force on some of these days: end its period first.",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="cost_rate",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.costrate",
                verbose_name="cost rate of classes",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cost_rate", None), ("unit_price", None), ("units", None)),
                    models.Q(
                        (
                            "amount",
                            django.db.models.functions.math.Round(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("units"), "*", models.F("unit_price")
                                ),
                                precision=2,
                            ),
                        ),
                        ("cost_rate__isnull", False),
                        ("training_class__isnull", False),
                        ("unit_price__isnull", False),
                        ("units__gt", 0),
                        ("units__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="commitment_of_class_is_what_units_cost",
            ),
        ),
        migrations.AddField(
            model_name="deliveredcause",
            name="payment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="delivered_cause",
                to="funding.fundtransaction",
                verbose_name="payment",
            ),
        ),
        migrations.RunSQL(ONCE, NOT_ONCE),
        migrations.RunSQL(DELIVERED, NOT_DELIVERED),
        migrations.RunSQL(RECEIPT, NOT_RECEIPT),
        ForbidChanges("funding_deliveredcause"),
    ]
