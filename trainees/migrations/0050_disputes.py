"""Disputes of members with their hours. Every rule that stands gives them 30 days (local rule)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0006_role_scopes"),
        ("trainees", "0040_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="creditrule",
            name="dispute_days",
            field=models.PositiveSmallIntegerField(
                blank=True, default=30, null=True, verbose_name="days to dispute a line"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dispute_days__isnull", True), ("dispute_days__gt", 0), _connector="OR"
                ),
                name="credit_rule_dispute_days_positive",
                violation_error_message="A line can be disputed for at least one day.",
            ),
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "missing",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="study that is missing"
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="date")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for the school"),
                            ("answered", "answered"),
                            ("appealed", "under appeal"),
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "appeal_days",
                    models.PositiveSmallIntegerField(null=True, verbose_name="days for an appeal"),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "assessment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="trainees.assessment",
                        verbose_name="assessment",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["-opened_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("opened", "opened"),
                            ("answered", "answered by the school"),
                            ("appealed", "appealed against"),
                            ("decided", "decided by the organisation department"),
                            ("withdrawn", "withdrawn by the member"),
                        ],
                        max_length=12,
                        verbose_name="step",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("corrected", "corrected"), ("stands", "stays as it is")],
                        max_length=12,
                        verbose_name="answer",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=500, verbose_name="text")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="trainees.dispute",
                        verbose_name="dispute",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a dispute",
                "verbose_name_plural": "steps of disputes",
                "ordering": ["written_at", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(fields=["school", "state"], name="dispute_school_state"),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("assessment",),
                name="dispute_once_per_assessment",
                violation_error_message="This line is in dispute already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assessment__isnull", False), ("missing", "")),
                    models.Q(
                        ("assessment__isnull", True), models.Q(("missing", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="dispute_of_a_line_or_of_what_is_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeentry",
            constraint=models.UniqueConstraint(
                fields=("dispute", "step"), name="dispute_entry_step_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("step__in", ["answered", "decided"]),
                        models.Q(("verdict", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("step__in", ["answered", "decided"]), _negated=True),
                        ("verdict", ""),
                    ),
                    _connector="OR",
                ),
                name="dispute_entry_answer_has_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True),
                    ("step", "withdrawn"),
                    ("verdict", "corrected"),
                    _connector="OR",
                ),
                name="dispute_entry_has_text",
                violation_error_message="Say why.",
            ),
        ),
        ForbidChanges("trainees_disputeentry"),
    ]
