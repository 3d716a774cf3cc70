"""Annual tasks and claims with their lines, warnings with their rule."""

from decimal import Decimal

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.math
from django.conf import settings
from django.db import migrations, models

import config.lib.hours
import config.lib.periods


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("courses", "0007_year_plans"),
        ("schools", "0003_year_end_rule"),
        ("trainees", "0007_proposed_below_proposed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnnualTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        verbose_name="reason of the amendment",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "annual task",
                "verbose_name_plural": "annual tasks",
                "ordering": ["-year", "-version"],
            },
        ),
        migrations.CreateModel(
            name="QuotaClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="reason"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("asked_again", "asked again"),
                            ("accepted", "accepted"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=500,
                        verbose_name="what the district asks",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quota_claims",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="submitted by",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="quotas.annualtask",
                        verbose_name="annual task",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "ordering": ["-year", "school__code", "-version"],
            },
        ),
        migrations.CreateModel(
            name="ShortfallWarning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("events", "classes held"),
                            ("person_times", "person-times"),
                            ("members", "distinct members"),
                            ("training_hours", "credit hours of concentrated training"),
                            ("hours", "credit hours of all study"),
                            ("trained", "members who attended a training (%)"),
                            ("on_target", "members on target (%)"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                (
                    "expected",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="expected on 31 December"
                    ),
                ),
                (
                    "due",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, verbose_name="owed or claimed"
                    ),
                ),
                ("told", models.PositiveSmallIntegerField(verbose_name="accounts told")),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "module",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.module",
                        verbose_name="module",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "warning of a shortfall",
                "verbose_name_plural": "warnings of shortfalls",
                "ordering": ["-given_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TaskLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("events", "classes held"),
                            ("person_times", "person-times"),
                            ("members", "distinct members"),
                            ("training_hours", "credit hours of concentrated training"),
                            ("hours", "credit hours of all study"),
                            ("trained", "members who attended a training (%)"),
                            ("on_target", "members on target (%)"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                (
                    "amount",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=10, verbose_name="amount"
                    ),
                ),
                (
                    "module",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.module",
                        verbose_name="module",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="quotas.annualtask",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of an annual task",
                "verbose_name_plural": "lines of annual tasks",
                "ordering": ["task", "id"],
            },
        ),
        migrations.CreateModel(
            name="ClaimLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=10, verbose_name="amount"
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="quotas.quotaclaim",
                    ),
                ),
                (
                    "task_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claimed",
                        to="quotas.taskline",
                        verbose_name="line of an annual task",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a claim",
                "verbose_name_plural": "lines of claims",
                "ordering": ["claim", "task_line"],
            },
        ),
        migrations.CreateModel(
            name="WarningRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "members_from_month",
                    models.PositiveSmallIntegerField(
                        verbose_name="month from which members are warned"
                    ),
                ),
                (
                    "schools_from_month",
                    models.PositiveSmallIntegerField(
                        verbose_name="month from which schools are warned"
                    ),
                ),
                (
                    "tolerance",
                    models.PositiveSmallIntegerField(
                        verbose_name="tolerance of the projection (%)"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "rule of warnings",
                "verbose_name_plural": "rules of warnings",
                "ordering": ["period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("period", "&&")],
                        name="warning_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end its period first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("members_from_month__range", (1, 12)),
                            ("schools_from_month__range", (1, 12)),
                            ("tolerance__lte", 100),
                        ),
                        name="warning_rule_within_a_year",
                        violation_error_message="Months are 1 to 12, the tolerance is 100 per cent at most.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="annualtask",
            constraint=models.UniqueConstraint(
                fields=("year", "version"), name="annual_task_version_once_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="annualtask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("year",),
                name="annual_task_one_draft_a_year",
                violation_error_message="A draft for this year exists already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="annualtask",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1), ("year__range", (2019, 2199))),
                name="annual_task_of_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="annualtask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("version", 1)),
                    models.Q(("version__gt", 1), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="annual_task_amended_for_a_reason",
                violation_error_message="Say why there is another version.",
            ),
        ),
        migrations.AddConstraint(
            model_name="annualtask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("published_at__isnull", False),
                        ("published_by__isnull", False),
                        ("state", "published"),
                    ),
                    models.Q(("published_at", None), ("published_by", None), ("state", "draft")),
                    _connector="OR",
                ),
                name="annual_task_published_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.UniqueConstraint(
                fields=("school", "year", "version"), name="quota_claim_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "submitted"])),
                fields=("school", "year"),
                name="quota_claim_one_undecided",
                violation_error_message="A claim of this school is not decided yet.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("version", 1)),
                    models.Q(
                        ("version__gt", 1),
                        models.Q(
                            ("state", "draft"),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="quota_claim_amended_for_a_reason",
                violation_error_message="Say why the claim changes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "draft"), ("submitted_at", None), ("submitted_by", None)),
                    models.Q(
                        models.Q(("state", "draft"), _negated=True),
                        ("submitted_at__isnull", False),
                        ("submitted_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="quota_claim_submitted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ("asked_again", "accepted")),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    models.Q(
                        models.Q(("state__in", ("asked_again", "accepted")), _negated=True),
                        ("decided_at", None),
                        ("decided_by", None),
                    ),
                    _connector="OR",
                ),
                name="quota_claim_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(
                        models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                        models.Q(("decided_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="quota_claim_decided_by_the_other_side",
                violation_error_message="Nobody decides on a claim of their own.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotaclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "asked_again"), models.Q(("words", ""), _negated=True)),
                    models.Q(models.Q(("state", "asked_again"), _negated=True), ("words", "")),
                    _connector="OR",
                ),
                name="quota_claim_asked_again_in_words",
                violation_error_message="Say what the school should change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="shortfallwarning",
            constraint=models.UniqueConstraint(
                condition=models.Q(("member__isnull", False)),
                fields=("year", "member"),
                name="shortfall_warning_once_a_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="shortfallwarning",
            constraint=models.UniqueConstraint(
                condition=models.Q(("member", None)),
                fields=("year", "school", "measure", "audience", "module"),
                name="shortfall_warning_once_a_line",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="shortfallwarning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("year__range", (2019, 2199)),
                    models.Q(
                        models.Q(
                            ("audience", ""),
                            ("measure", "hours"),
                            ("member__isnull", False),
                            ("module", None),
                        ),
                        models.Q(("member", None), ("school__isnull", False)),
                        _connector="OR",
                    ),
                ),
                name="shortfall_warning_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="shortfallwarning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due__gte", 0), ("expected__gte", 0), ("expected__lt", models.F("due"))
                ),
                name="shortfall_warning_falls_short",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskline",
            constraint=models.UniqueConstraint(
                fields=("task", "measure", "audience", "module"),
                name="task_line_once_a_task",
                nulls_distinct=False,
                violation_error_message="There is a line of this measure, audience and module already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    ("amount__lte", Decimal("99999999.75")),
                    models.Q(
                        models.Q(("measure__in", ("trained", "on_target")), _negated=True),
                        ("amount__lte", 100),
                        _connector="OR",
                    ),
                ),
                name="task_line_asks_for_something",
                violation_error_message="The amount is above 0; a share is 100 per cent at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("measure__in", ("events", "person_times", "members")), _negated=True),
                    ("amount", django.db.models.functions.math.Floor(models.F("amount"))),
                    _connector="OR",
                ),
                name="task_line_counts_in_whole_numbers",
                violation_error_message="Classes, person-times and members are whole numbers.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__in_quarters", True)),
                name="task_line_amount_in_steps",
                violation_error_message="Amounts go in steps of 0.25.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("measure__in", ("hours", "trained", "on_target")), _negated=True),
                    ("module", None),
                    _connector="OR",
                ),
                name="task_line_module_of_training",
                violation_error_message="All study and shares of members are of no module: leave the module empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.UniqueConstraint(
                fields=("claim", "task_line"), name="claim_line_once_a_claim"
            ),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gte", 0),
                    ("amount__lte", Decimal("99999999.75")),
                    ("amount__in_quarters", True),
                ),
                name="claim_line_is_an_amount",
                violation_error_message="A share is 0 or more, in steps of 0.25.",
            ),
        ),
    ]
