"""Special audits. What was opened, found, answered and closed never changes.

Nobody audits money of their own: who opens an audit has asked for, checked, approved or paid none of
its sample, and is no custodian of its schools on the audited days or the day of the opening. Who
answered does not review it. After an accepted answer comes no other one, after the closure no
finding, and an open finding keeps the audit open. The portal takes a lock of the audit first, so
that each sees what the other wrote.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.periods
from config.lib.append_only import ForbidChanges

BY_ANOTHER = """
CREATE FUNCTION audited_fund_is_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM funding_specialaudit a
        JOIN schools_rolegrant held ON held.user_id = a.opened_by_id AND held.role = 'custodian'
        WHERE a.id = NEW.audit_id AND coalesce(held.school_id, NEW.school_id) = NEW.school_id
          AND (held.period && a.period
               OR held.period @> (a.opened_at AT TIME ZONE 'Asia/Shanghai')::date)
    ) THEN
        RAISE EXCEPTION 'special audit % is opened by a custodian of the school', NEW.audit_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audited_fund_is_of_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audited_fund_is_of_another BEFORE INSERT ON funding_auditedfund
    FOR EACH ROW EXECUTE FUNCTION audited_fund_is_of_another();

CREATE FUNCTION audited_payment_is_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid funding_fundtransaction;
BEGIN
    SELECT * INTO paid FROM funding_fundtransaction WHERE id = NEW.payment_id;
    IF paid.kind <> 'payment' OR NOT EXISTS (
        SELECT FROM funding_auditedfund
        WHERE (audit_id, school_id, channel) = (NEW.audit_id, paid.school_id, paid.channel)
    ) THEN
        RAISE EXCEPTION 'transaction % is no payment in the scope of the audit', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audited_payment_is_in_scope';
    END IF;
    IF (SELECT opened_by_id FROM funding_specialaudit WHERE id = NEW.audit_id) IN (
        SELECT requested_by_id FROM funding_commitment WHERE id = paid.commitment_id
        UNION ALL
        SELECT checked_by_id FROM funding_earmarkcheck WHERE commitment_id = paid.commitment_id
        UNION ALL
        SELECT posted_by_id FROM funding_fundtransaction
        WHERE commitment_id = paid.commitment_id AND kind IN ('approval', 'payment')
    ) THEN
        RAISE EXCEPTION 'payment % needs another auditor', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audited_payment_is_of_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audited_payment_is_of_another BEFORE INSERT ON funding_auditedpayment
    FOR EACH ROW EXECUTE FUNCTION audited_payment_is_of_another();

CREATE FUNCTION answer_review_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewed_by_id = (SELECT answered_by_id FROM funding_findinganswer
                             WHERE id = NEW.answer_id) THEN
        RAISE EXCEPTION 'who gave answer % does not review it', NEW.answer_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_review_is_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answer_review_is_by_another BEFORE INSERT ON funding_answerreview
    FOR EACH ROW EXECUTE FUNCTION answer_review_is_by_another()
"""
BY_ANYBODY = """
DROP TRIGGER answer_review_is_by_another ON funding_answerreview;
DROP FUNCTION answer_review_is_by_another();
DROP TRIGGER audited_payment_is_of_another ON funding_auditedpayment;
DROP FUNCTION audited_payment_is_of_another();
DROP TRIGGER audited_fund_is_of_another ON funding_auditedfund;
DROP FUNCTION audited_fund_is_of_another()
"""

IN_ORDER = """
CREATE FUNCTION finding_answer_comes_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM funding_findinganswer former
               JOIN funding_answerreview r ON r.answer_id = former.id
               WHERE former.finding_id = NEW.finding_id AND r.outcome = 'accepted') THEN
        RAISE EXCEPTION 'finding % is settled', NEW.finding_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finding_answer_comes_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finding_answer_comes_in_time BEFORE INSERT ON funding_findinganswer
    FOR EACH ROW EXECUTE FUNCTION finding_answer_comes_in_time();

CREATE FUNCTION audit_finding_comes_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM funding_auditclosure c
               JOIN funding_auditedpayment p ON p.audit_id = c.audit_id
               WHERE p.id = NEW.audited_payment_id) THEN
        RAISE EXCEPTION 'the audit of payment % is closed', NEW.audited_payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_finding_comes_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_finding_comes_in_time BEFORE INSERT ON funding_auditfinding
    FOR EACH ROW EXECUTE FUNCTION audit_finding_comes_in_time();

CREATE FUNCTION audit_closure_leaves_nothing_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM funding_auditfinding f
        JOIN funding_auditedpayment p ON p.id = f.audited_payment_id
        WHERE p.audit_id = NEW.audit_id AND NOT EXISTS (
            SELECT FROM funding_findinganswer answer
            JOIN funding_answerreview r ON r.answer_id = answer.id
            WHERE answer.finding_id = f.id AND r.outcome = 'accepted')
    ) THEN
        RAISE EXCEPTION 'special audit % has an open finding', NEW.audit_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_closure_leaves_nothing_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_closure_leaves_nothing_open BEFORE INSERT ON funding_auditclosure
    FOR EACH ROW EXECUTE FUNCTION audit_closure_leaves_nothing_open()
"""
IN_ANY_ORDER = """
DROP TRIGGER audit_closure_leaves_nothing_open ON funding_auditclosure;
DROP FUNCTION audit_closure_leaves_nothing_open();
DROP TRIGGER audit_finding_comes_in_time ON funding_auditfinding;
DROP FUNCTION audit_finding_comes_in_time();
DROP TRIGGER finding_answer_comes_in_time ON funding_findinganswer;
DROP FUNCTION finding_answer_comes_in_time()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0006_vouchers"),
        ("schools", "0005_closed_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditedPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="amount (yuan)"
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("threshold", "above the threshold"), ("drawn", "drawn")],
                        max_length=10,
                        verbose_name="why it is in",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.fundtransaction",
                        verbose_name="payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "audited payment",
                "verbose_name_plural": "audited payments",
                "ordering": ["audit", "payment"],
            },
        ),
        migrations.CreateModel(
            name="AuditFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="finding")),
                (
                    "severity",
                    models.CharField(
                        choices=[("note", "note"), ("fault", "fault"), ("grave", "grave fault")],
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="answer by")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                (
                    "audited_payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="funding.auditedpayment",
                        verbose_name="audited payment",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="raised by",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit finding",
                "verbose_name_plural": "audit findings",
                "ordering": ["raised_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="FindingAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(verbose_name="answered at")),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="funding.auditfinding",
                        verbose_name="audit finding",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to a finding",
                "verbose_name_plural": "answers to findings",
                "ordering": ["answered_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="AnswerReview",
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
                        choices=[("accepted", "accepted"), ("returned", "returned")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("reviewed_at", models.DateTimeField(verbose_name="reviewed at")),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review",
                        to="funding.findinganswer",
                        verbose_name="answer to a finding",
                    ),
                ),
            ],
            options={
                "verbose_name": "review of an answer",
                "verbose_name_plural": "reviews of answers",
            },
        ),
        migrations.CreateModel(
            name="SpecialAudit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                ("period", config.lib.periods.PeriodField(verbose_name="days of payment")),
                (
                    "method",
                    models.CharField(
                        choices=[("units", "monetary unit sampling")],
                        max_length=10,
                        verbose_name="method of the sample",
                    ),
                ),
                ("seed", models.CharField(max_length=32, verbose_name="seed")),
                ("sample_size", models.PositiveSmallIntegerField(verbose_name="payments to draw")),
                (
                    "threshold",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="always in above (yuan)",
                    ),
                ),
                (
                    "population_size",
                    models.PositiveIntegerField(verbose_name="payments in the population"),
                ),
                (
                    "population_sum",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="sum of the population (yuan)"
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "last_transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="funding.fundtransaction",
                        verbose_name="last transaction before the draw",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
            ],
            options={
                "verbose_name": "special audit",
                "verbose_name_plural": "special audits",
                "ordering": ["-opened_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="auditedpayment",
            name="audit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="funding.specialaudit",
                verbose_name="special audit",
            ),
        ),
        migrations.CreateModel(
            name="AuditedFund",
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
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="funding.specialaudit",
                        verbose_name="special audit",
                    ),
                ),
            ],
            options={
                "verbose_name": "audited fund",
                "verbose_name_plural": "audited funds",
                "ordering": ["audit", "school__code", "channel"],
            },
        ),
        migrations.CreateModel(
            name="AuditClosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conclusion", models.CharField(max_length=2000, verbose_name="conclusion")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "audit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closure",
                        to="funding.specialaudit",
                        verbose_name="special audit",
                    ),
                ),
            ],
            options={
                "verbose_name": "closure of a special audit",
                "verbose_name_plural": "closures of special audits",
            },
        ),
        migrations.AddConstraint(
            model_name="auditfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="audit_finding_has_text"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gt", config.lib.periods.LocalDate("raised_at"))),
                name="audit_finding_leaves_time",
                violation_error_message="The answer is due on a later day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="findinganswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="finding_answer_has_text"
            ),
        ),
        migrations.AddConstraint(
            model_name="answerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="answer_review_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="specialaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="special_audit_has_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="specialaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(("seed", ""), _negated=True), name="special_audit_keeps_its_seed"
            ),
        ),
        migrations.AddConstraint(
            model_name="specialaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(("sample_size__gt", 0)), name="special_audit_draws_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="specialaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("threshold__isnull", True), ("threshold__gt", 0), _connector="OR"
                ),
                name="special_audit_threshold_is_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(("population_size__gt", 0), ("population_sum__gt", 0)),
                name="special_audit_has_population",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditedpayment",
            constraint=models.UniqueConstraint(
                fields=("audit", "payment"), name="audited_payment_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditedpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="audited_payment_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditedfund",
            constraint=models.UniqueConstraint(
                fields=("audit", "school", "channel"), name="audited_fund_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("conclusion", ""), _negated=True),
                name="audit_closure_has_conclusion",
            ),
        ),
        migrations.RunSQL(BY_ANOTHER, BY_ANYBODY),
        migrations.RunSQL(IN_ORDER, IN_ANY_ORDER),
        ForbidChanges("funding_specialaudit"),
        ForbidChanges("funding_auditedfund"),
        ForbidChanges("funding_auditedpayment"),
        ForbidChanges("funding_auditfinding"),
        ForbidChanges("funding_findinganswer"),
        ForbidChanges("funding_answerreview"),
        ForbidChanges("funding_auditclosure"),
    ]
