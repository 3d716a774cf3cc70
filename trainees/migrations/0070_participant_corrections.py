"""Who was added to an approved study record, or taken off it, by whom and why."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0009_taken_over_by"),
        ("trainees", "0060_training_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StudyParticipantCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("added", "added to the participants"),
                            ("removed", "taken off the participants"),
                        ],
                        max_length=12,
                        verbose_name="change",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("corrected_at", models.DateTimeField(verbose_name="corrected at")),
                (
                    "corrected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="corrected by",
                    ),
                ),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.organisation",
                        verbose_name="Party organisation",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="trainees.study",
                        verbose_name="study record",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of participants",
                "verbose_name_plural": "corrections of participants",
                "ordering": ["corrected_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "member", "version"),
                        name="study_correction_once_per_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("corrected_by", models.F("recorded_by")), _negated=True
                        ),
                        name="study_correction_by_another",
                        violation_error_message="Nobody corrects what he recorded himself.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="study_correction_has_reason",
                        violation_error_message="Say why.",
                    ),
                ],
            },
        ),
        ForbidChanges("trainees_studyparticipantcorrection"),
    ]
