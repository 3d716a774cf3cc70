import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import config.lib.hours


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0008_channel_of_nobody"),
        ("hours", "0011_closed_years"),
        ("quotas", "0002_rule_and_guards"),
        ("schools", "0005_closed_years"),
        ("trainees", "0008_closed_years"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("as_of", models.DateField(verbose_name="day of judgement")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "being computed"),
                            ("computed", "computed"),
                            ("discarded", "discarded"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("blockers", models.JSONField(default=dict, verbose_name="what blocked it")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("computed_at", models.DateTimeField(null=True, verbose_name="computed at")),
                ("discarded_at", models.DateTimeField(null=True, verbose_name="discarded at")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                (
                    "discarded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="discarded by",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="backstage.job",
                        verbose_name="job",
                    ),
                ),
                (
                    "lock",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.yearlock",
                        verbose_name="lock of the year",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "reconciliation",
                "verbose_name_plural": "reconciliations",
                "ordering": ["-year", "-number"],
            },
        ),
        migrations.CreateModel(
            name="MemberResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership_status",
                    models.CharField(
                        choices=[
                            ("normal", "normal"),
                            ("suspended", "membership suspended"),
                            ("lost_contact", "lost contact"),
                        ],
                        max_length=20,
                        verbose_name="standing",
                    ),
                ),
                (
                    "exemption",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("elderly", "advanced age"),
                            ("frail", "frail health"),
                            ("serious_illness", "serious illness"),
                        ],
                        max_length=20,
                        verbose_name="exemption",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                (
                    "owed",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours owed"
                    ),
                ),
                (
                    "done",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours done"
                    ),
                ),
                (
                    "concentrated",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="of concentrated training"
                    ),
                ),
                (
                    "collective",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="of collective study"
                    ),
                ),
                ("trainings", models.PositiveSmallIntegerField(verbose_name="trainings owed")),
                ("trained", models.PositiveSmallIntegerField(verbose_name="trainings attended")),
                ("verdict", models.CharField(max_length=12, verbose_name="verdict")),
                ("rule_group", models.CharField(max_length=20, verbose_name="applies to")),
                ("rule_version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("months", models.JSONField(null=True, verbose_name="rule of each month")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.organisation",
                        verbose_name="Party organisation",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hours.requirementrule",
                        verbose_name="rule",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="quotas.reconciliation",
                        verbose_name="reconciliation",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of a member",
                "verbose_name_plural": "results of members",
            },
        ),
        migrations.CreateModel(
            name="ReconciliationPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("members", models.PositiveIntegerField(null=True, verbose_name="members")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="quotas.reconciliation",
                        verbose_name="reconciliation",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a reconciliation",
                "verbose_name_plural": "parts of reconciliations",
            },
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(
                fields=("year", "number"), name="reconciliation_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("year",),
                name="reconciliation_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("computed_at", None), ("state", "running")),
                    models.Q(("computed_at__isnull", False), ("state", "computed")),
                    ("state", "discarded"),
                    _connector="OR",
                ),
                name="reconciliation_computed_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "discarded"),
                        ("discarded_at__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "discarded"), _negated=True),
                        ("discarded_at", None),
                        ("discarded_by", None),
                        ("reason", ""),
                    ),
                    _connector="OR",
                ),
                name="reconciliation_discarded_with_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="memberresult",
            index=models.Index(
                fields=["reconciliation", "school", "organisation"], name="member_result_school"
            ),
        ),
        migrations.AddConstraint(
            model_name="memberresult",
            constraint=models.UniqueConstraint(
                fields=("reconciliation", "member"), name="member_result_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="memberresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict__in", ["met", "short", "not_yet_due", "exempt", "out"])
                ),
                name="member_result_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "done__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("concentrated"), "+", models.F("collective")
                        ),
                    )
                ),
                name="member_result_categories_within_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationpart",
            constraint=models.UniqueConstraint(
                fields=("reconciliation", "school"),
                name="reconciliation_part_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("members", None)),
                    models.Q(("done_at__isnull", False), ("members__isnull", False)),
                    _connector="OR",
                ),
                name="reconciliation_part_done_counts_members",
            ),
        ),
    ]
