"""Signatures and statements of a reconciled year, its reopening, and later facts beside it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.hours


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0009_job_parts"),
        ("quotas", "0004_results_stay"),
        ("schools", "0005_closed_years"),
        ("trainees", "0008_closed_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="quotas.reconciliation",
                        verbose_name="reconciliation",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature of a statement",
                "verbose_name_plural": "signatures of statements",
            },
        ),
        migrations.CreateModel(
            name="YearAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, null=True, verbose_name="credit hours"
                    ),
                ),
                ("words", models.CharField(max_length=200, verbose_name="what is the case")),
                ("reason", models.CharField(max_length=200, verbose_name="why it was not counted")),
                (
                    "evidence",
                    models.CharField(max_length=200, verbose_name="evidence, and where it lies"),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "takes_back",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back_by",
                        to="quotas.yearadjustment",
                        verbose_name="takes back",
                    ),
                ),
            ],
            options={
                "verbose_name": "adjustment of a closed year",
                "verbose_name_plural": "adjustments of closed years",
                "ordering": ["-recorded_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="YearReopening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked for"),
                            ("granted", "granted"),
                            ("refused", "refused"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                (
                    "words",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="words of the answer"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="quotas.reconciliation",
                        verbose_name="reconciliation",
                    ),
                ),
            ],
            options={
                "verbose_name": "reopening of a year",
                "verbose_name_plural": "reopenings of years",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="YearStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("serial", models.PositiveIntegerField(verbose_name="serial number")),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("revision", models.PositiveSmallIntegerField(verbose_name="revision")),
                ("code_fingerprint", models.CharField(editable=False, max_length=64)),
                ("facts", models.JSONField(verbose_name="facts")),
                ("pdf_hash", models.CharField(max_length=64, verbose_name="SHA-256 of the PDF")),
                ("sheet_hash", models.CharField(max_length=64, verbose_name="SHA-256 of the XLSX")),
                (
                    "seal_number",
                    models.BigIntegerField(null=True, verbose_name="seal of the trail"),
                ),
                (
                    "chain_head",
                    models.CharField(blank=True, max_length=64, verbose_name="head of the chain"),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "issued_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="countersigned by",
                    ),
                ),
                (
                    "pdf",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backstage.storedfile",
                        verbose_name="PDF file",
                    ),
                ),
                (
                    "sheet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backstage.storedfile",
                        verbose_name="XLSX file",
                    ),
                ),
                (
                    "signature",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement",
                        to="quotas.statementsignature",
                        verbose_name="signature",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "statement of a year",
                "verbose_name_plural": "statements of years",
                "ordering": ["-year", "-serial"],
            },
        ),
        migrations.AddConstraint(
            model_name="statementsignature",
            constraint=models.UniqueConstraint(
                fields=("reconciliation", "school"),
                name="statement_signature_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="yearadjustment",
            index=models.Index(fields=["year", "school"], name="year_adjustment_year"),
        ),
        migrations.AddConstraint(
            model_name="yearadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("words", ""), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    models.Q(("evidence", ""), _negated=True),
                ),
                name="year_adjustment_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hours", None),
                    models.Q(("member__isnull", False), models.Q(("hours", 0), _negated=True)),
                    _connector="OR",
                ),
                name="year_adjustment_hours_of_a_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True)),
                name="year_adjustment_quarter_steps",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "refused"), _negated=True),
                fields=("reconciliation",),
                name="year_reopening_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="year_reopening_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_by", models.F("asked_by")), _negated=True),
                name="year_reopening_of_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at", None),
                        ("answered_by", None),
                        ("state", "asked"),
                        ("words", ""),
                    ),
                    models.Q(
                        models.Q(("state", "asked"), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="year_reopening_signed_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.UniqueConstraint(
                fields=("year", "serial"), name="year_statement_serial_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.UniqueConstraint(
                fields=("number",), name="year_statement_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.UniqueConstraint(
                fields=("code_fingerprint",), name="year_statement_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("revision__gte", 1), ("serial__gte", 1)),
                name="year_statement_counts_from_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("issued_by", models.F("signed_by")), _negated=True),
                name="year_statement_of_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("chain_head", ""), ("seal_number", None)),
                    models.Q(
                        ("seal_number__isnull", False), models.Q(("chain_head", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="year_statement_head_with_its_seal",
            ),
        ),
    ]
