"""Rules, commitments and the fund ledger; allocations say what they are for.

Allocations of before were for training. The decision on their dues was not recorded here, which
they say from now on.
"""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.hours
import config.lib.periods

NOT_RECORDED = """
UPDATE funding_allocation SET decision = '台账启用前拨付，未登记' WHERE channel = 'dues'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0009_reason_of_the_lecturer"),
        ("funding", "0001_initial"),
        ("instructors", "0006_home_and_initials"),
        ("schools", "0005_closed_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Commitment",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
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
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="amount (yuan)"
                    ),
                ),
                ("subject", models.CharField(max_length=100, verbose_name="what for, and to whom")),
                (
                    "fee_hours",
                    config.lib.hours.HoursField(
                        blank=True,
                        decimal_places=2,
                        max_digits=6,
                        null=True,
                        verbose_name="paid hours",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="asked for at")),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "ordering": ["-requested_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="EarmarkCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
            ],
            options={
                "verbose_name": "check by the custodian",
                "verbose_name_plural": "checks by custodians",
            },
        ),
        migrations.CreateModel(
            name="FeeRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        choices=[
                            ("none", "no title"),
                            ("associate_professor", "associate-professor level"),
                            ("professor", "professor level"),
                            ("academician", "academician or national expert"),
                        ],
                        max_length=20,
                        verbose_name="professional title",
                    ),
                ),
                (
                    "ceiling",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        verbose_name="ceiling per credit hour (yuan)",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "ceiling of lecturer fees",
                "verbose_name_plural": "ceilings of lecturer fees",
                "ordering": ["ceiling", "period"],
            },
        ),
        migrations.CreateModel(
            name="FundLeg",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
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
                    "stage",
                    models.CharField(
                        choices=[
                            ("granted", "granted"),
                            ("available", "available"),
                            ("committed", "committed"),
                            ("approved", "approved"),
                            ("paid", "paid"),
                        ],
                        max_length=10,
                        verbose_name="stage",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="amount (yuan)"
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        db_default=0, editable=False, verbose_name="position"
                    ),
                ),
                (
                    "balance",
                    models.DecimalField(
                        db_default=0,
                        decimal_places=2,
                        editable=False,
                        max_digits=12,
                        verbose_name="balance (yuan)",
                    ),
                ),
            ],
            options={
                "verbose_name": "leg of a fund transaction",
                "verbose_name_plural": "legs of fund transactions",
                "ordering": ["transaction", "id"],
            },
        ),
        migrations.CreateModel(
            name="FundTransaction",
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
                    "number",
                    models.PositiveIntegerField(
                        db_default=0, editable=False, verbose_name="number"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("allocation", "allocation"),
                            ("taken_over", "allocation from before the ledger"),
                            ("adjustment", "adjustment"),
                            ("carry_over", "carry-over"),
                            ("commitment", "commitment"),
                            ("approval", "approval"),
                            ("payment", "payment"),
                            ("release", "release"),
                            ("reversal", "reversal"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("posted_at", models.DateTimeField(verbose_name="posted at")),
                (
                    "link",
                    models.CharField(
                        db_default="",
                        editable=False,
                        max_length=64,
                        verbose_name="link of the chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "fund transaction",
                "verbose_name_plural": "fund ledger",
                "ordering": ["-posted_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="UseRule",
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
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "permitted use",
                "verbose_name_plural": "permitted uses",
                "ordering": ["channel", "use", "period"],
            },
        ),
        migrations.AlterModelOptions(
            name="allocation",
            options={
                "ordering": ["-year", "school__code", "channel", "purpose"],
                "verbose_name": "allocation",
                "verbose_name_plural": "allocations",
            },
        ),
        migrations.AddField(
            model_name="allocation",
            name="decision",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=100,
                verbose_name="collective decision",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("training", "training delivery"),
                    ("equipment", "equipment"),
                    ("running", "daily running"),
                ],
                db_default="training",
                max_length=10,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="document",
            field=models.CharField(max_length=60, verbose_name="document number"),
        ),
        migrations.RunSQL(NOT_RECORDED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "dues"), _negated=True),
                    models.Q(("decision", ""), _negated=True),
                    _connector="OR",
                ),
                name="allocation_of_dues_has_decision",
                violation_error_message="Dues are spent by a collective decision: name it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                fields=("document", "school", "year", "channel", "purpose"),
                name="allocation_of_document_once",
                violation_error_message="This document already allocates to this school for this purpose.",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="instructor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="instructors.instructor",
                verbose_name="lecturer",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="requested_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="schools.school",
                verbose_name="school",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="training_class",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commitments",
                to="courses.trainingclass",
                verbose_name="class",
            ),
        ),
        migrations.AddField(
            model_name="earmarkcheck",
            name="checked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="checked by",
            ),
        ),
        migrations.AddField(
            model_name="earmarkcheck",
            name="commitment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="earmark_check",
                to="funding.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AddConstraint(
            model_name="feerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling__gt", 0)),
                name="fee_rule_is_positive",
                violation_error_message="An amount is above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="feerule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("title", "="), ("period", "&&")],
                name="fee_rule_one_at_a_time",
                violation_error_message="A version is in force on some of these days: end its period first.",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="fee_rule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.feerule",
                verbose_name="rule of the fee",
            ),
        ),
        migrations.AddField(
            model_name="fundleg",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="school",
            ),
        ),
        migrations.AddField(
            model_name="fundtransaction",
            name="allocation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transactions",
                to="funding.allocation",
                verbose_name="allocation",
            ),
        ),
        migrations.AddField(
            model_name="fundtransaction",
            name="commitment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transactions",
                to="funding.commitment",
                verbose_name="commitment",
            ),
        ),
        migrations.AddField(
            model_name="fundtransaction",
            name="posted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="posted by",
            ),
        ),
        migrations.AddField(
            model_name="fundtransaction",
            name="reverses",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="funding.fundtransaction",
                verbose_name="reverses",
            ),
        ),
        migrations.AddField(
            model_name="fundtransaction",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="school",
            ),
        ),
        migrations.AddField(
            model_name="fundleg",
            name="transaction",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legs",
                to="funding.fundtransaction",
                verbose_name="fund transaction",
            ),
        ),
        migrations.AddConstraint(
            model_name="userule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("channel", "="), ("use", "="), ("period", "&&")],
                name="use_rule_one_at_a_time",
                violation_error_message="A version is in force on some of these days: end its period first.",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="use_rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="funding.userule",
                verbose_name="rule of the use",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.UniqueConstraint(
                fields=("school", "channel", "number"), name="fund_transaction_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.UniqueConstraint(
                fields=("reverses",), name="fund_transaction_reversed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "commitment")),
                fields=("commitment",),
                name="fund_transaction_commits_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["allocation", "taken_over"])),
                fields=("allocation",),
                name="fund_transaction_allocates_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                    models.Q(
                        ("reverses__isnull", True),
                        models.Q(
                            models.Q(
                                ("kind__in", ("allocation", "taken_over", "adjustment")),
                                ("allocation__isnull", False),
                                ("commitment__isnull", True),
                            ),
                            models.Q(
                                ("kind", "carry_over"),
                                ("allocation__isnull", True),
                                ("commitment__isnull", True),
                            ),
                            models.Q(
                                ("kind__in", ("commitment", "approval", "payment", "release")),
                                ("allocation__isnull", True),
                                ("commitment__isnull", False),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="fund_transaction_names_its_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ("adjustment", "carry_over", "release", "reversal")),
                        _negated=True,
                    ),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="fund_transaction_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "taken_over"), ("posted_by__isnull", False), _connector="OR"
                ),
                name="fund_transaction_names_who_acted",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundleg",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="fund_leg_is_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundleg",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage", "granted"), ("balance__gte", 0), _connector="OR"),
                name="fund_leg_overdraws_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundleg",
            constraint=models.UniqueConstraint(
                fields=("school", "channel", "year", "purpose", "stage", "position"),
                name="fund_leg_position_once",
            ),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(fields=["school", "year", "channel"], name="commitment_of_school"),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="commitment_is_positive",
                violation_error_message="An amount is above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee_hours__in_quarters", True)),
                name="commitment_hours_in_steps",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("fee_hours__gt", 0),
                        ("fee_hours__isnull", False),
                        ("fee_rule__isnull", False),
                        ("instructor__isnull", False),
                        ("use", "lecturer_fee"),
                    ),
                    models.Q(
                        models.Q(("use", "lecturer_fee"), _negated=True),
                        ("fee_hours__isnull", True),
                        ("fee_rule__isnull", True),
                        ("instructor__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="commitment_of_fee_names_lecturer",
            ),
        ),
    ]
