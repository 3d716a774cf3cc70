"""Vouchers: the rules of the checklist, uploads, and what payments relied on."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.periods
from config.lib.append_only import ForbidChanges

# From the day on which a database gets them: payments of before are not accused. A fee sheet belongs
# to a lecturer fee, plan, notice and roll to what is paid for a class.
RULES = """
INSERT INTO funding_voucherrule (use, kind, source, period)
SELECT use, kind, '党员教育培训经费管理规定',
       daterange((now() AT TIME ZONE 'Asia/Shanghai')::date, NULL)
FROM unnest(ARRAY['lodging', 'meals', 'transport', 'venue', 'materials', 'tickets', 'guiding'])
         AS use,
     unnest(ARRAY['plan', 'notice', 'roll', 'itemised', 'receipt']) AS kind
UNION ALL
SELECT use, kind, '党员教育培训经费管理规定',
       daterange((now() AT TIME ZONE 'Asia/Shanghai')::date, NULL)
FROM unnest(ARRAY['textbooks', 'venue_equipment', 'running_costs']) AS use,
     unnest(ARRAY['itemised', 'receipt']) AS kind
UNION ALL
SELECT 'lecturer_fee', kind, '培训费管理办法',
       daterange((now() AT TIME ZONE 'Asia/Shanghai')::date, NULL)
FROM unnest(ARRAY['plan', 'notice', 'roll', 'receipt', 'fee_sheet']) AS kind
"""

HAS_VOUCHERS = """
CREATE FUNCTION fund_payment_has_vouchers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM funding_voucherrule rule
        JOIN funding_commitment c ON c.id = NEW.commitment_id AND c.use = rule.use
        WHERE rule.period @> (NEW.posted_at AT TIME ZONE 'Asia/Shanghai')::date
          AND NOT EXISTS (SELECT FROM funding_paymentvoucher v
                          WHERE v.payment_id = NEW.id AND v.kind = rule.kind)
    ) THEN
        RAISE EXCEPTION 'payment % lacks a voucher', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_payment_has_vouchers';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fund_payment_has_vouchers AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'payment')
    EXECUTE FUNCTION fund_payment_has_vouchers()
"""
NO_HAS_VOUCHERS = """
DROP TRIGGER fund_payment_has_vouchers ON funding_fundtransaction;
DROP FUNCTION fund_payment_has_vouchers()
"""

FITS = """
CREATE FUNCTION payment_voucher_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM funding_fundtransaction t
                   WHERE t.id = NEW.payment_id AND t.kind = 'payment')
       OR NEW.voucher_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM funding_voucher v
        JOIN funding_fundtransaction t ON t.commitment_id = v.commitment_id
        WHERE v.id = NEW.voucher_id AND t.id = NEW.payment_id
          AND (v.kind, v.digest) = (NEW.kind, NEW.digest)
          AND NOT EXISTS (SELECT FROM funding_voucherwithdrawal w WHERE w.voucher_id = v.id)
    ) THEN
        RAISE EXCEPTION 'payment % cannot rely on this voucher', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_voucher_fits';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_voucher_fits BEFORE INSERT ON funding_paymentvoucher
    FOR EACH ROW EXECUTE FUNCTION payment_voucher_fits();

CREATE FUNCTION voucher_relied_on_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM funding_paymentvoucher WHERE voucher_id = NEW.voucher_id) THEN
        RAISE EXCEPTION 'a payment relied on voucher %', NEW.voucher_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_relied_on_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voucher_relied_on_stays BEFORE INSERT ON funding_voucherwithdrawal
    FOR EACH ROW EXECUTE FUNCTION voucher_relied_on_stays()
"""
NO_FITS = """
DROP TRIGGER voucher_relied_on_stays ON funding_voucherwithdrawal;
DROP FUNCTION voucher_relied_on_stays();
DROP TRIGGER payment_voucher_fits ON funding_paymentvoucher;
DROP FUNCTION payment_voucher_fits()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0009_job_parts"),
        ("funding", "0005_allocations_are_posted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Voucher",
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
                            ("plan", "approved plan"),
                            ("notice", "notice of the class"),
                            ("roll", "roll of who came"),
                            ("itemised", "itemised cost"),
                            ("receipt", "receipt"),
                            ("fee_sheet", "fee sheet"),
                        ],
                        max_length=20,
                        verbose_name="kind of voucher",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="funding.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backstage.storedfile",
                        verbose_name="file",
                    ),
                ),
            ],
            options={
                "verbose_name": "voucher",
                "verbose_name_plural": "vouchers",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PaymentVoucher",
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
                            ("plan", "approved plan"),
                            ("notice", "notice of the class"),
                            ("roll", "roll of who came"),
                            ("itemised", "itemised cost"),
                            ("receipt", "receipt"),
                            ("fee_sheet", "fee sheet"),
                        ],
                        max_length=20,
                        verbose_name="kind of voucher",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="funding.fundtransaction",
                        verbose_name="payment",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="funding.voucher",
                        verbose_name="voucher",
                    ),
                ),
            ],
            options={
                "verbose_name": "voucher of a payment",
                "verbose_name_plural": "vouchers of payments",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="VoucherRule",
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
                            ("lodging", "lodging"),
                            ("meals", "meals"),
                            ("transport", "transport"),
                            ("venue", "hire of a venue"),
                            ("materials", "materials"),
                            ("tickets", "tickets"),
                            ("guiding", "guiding"),
                            ("textbooks", "textbooks of Party education"),
                            ("venue_equipment", "equipment of a venue"),
                            ("running_costs", "general running costs"),
                        ],
                        max_length=20,
                        verbose_name="use",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("plan", "approved plan"),
                            ("notice", "notice of the class"),
                            ("roll", "roll of who came"),
                            ("itemised", "itemised cost"),
                            ("receipt", "receipt"),
                            ("fee_sheet", "fee sheet"),
                        ],
                        max_length=20,
                        verbose_name="kind of voucher",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "required voucher",
                "verbose_name_plural": "required vouchers",
                "ordering": ["use", "kind", "period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("use", "="), ("kind", "="), ("period", "&&")],
                        name="voucher_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end its period first.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VoucherWithdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("withdrawn_at", models.DateTimeField(verbose_name="withdrawn at")),
                (
                    "voucher",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="funding.voucher",
                        verbose_name="voucher",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "verbose_name": "withdrawal of a voucher",
                "verbose_name_plural": "withdrawals of vouchers",
            },
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "fee_sheet"), _negated=True),
                name="voucher_is_no_fee_sheet",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest", ""), _negated=True), name="voucher_has_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentvoucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest", ""), _negated=True), name="payment_voucher_has_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentvoucher",
            constraint=models.UniqueConstraint(
                fields=("payment", "voucher"), name="payment_voucher_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentvoucher",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voucher", None)),
                fields=("payment", "kind"),
                name="payment_voucher_of_portal_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucherwithdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="voucher_withdrawal_has_reason",
            ),
        ),
        migrations.RunSQL(RULES, "DELETE FROM funding_voucherrule"),
        migrations.RunSQL(HAS_VOUCHERS, NO_HAS_VOUCHERS),
        migrations.RunSQL(FITS, NO_FITS),
        ForbidChanges("funding_voucher"),
        ForbidChanges("funding_voucherwithdrawal"),
        ForbidChanges("funding_paymentvoucher"),
    ]
