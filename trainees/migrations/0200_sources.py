"""Hours are claimed for sources; an assessment names its own, and nothing of the kinds of them.

Nobody has deployed yet, so a ledger with hours is refused rather than carried over.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges

REFUSE_FILLED = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM trainees_assessment)
       OR EXISTS (SELECT FROM trainees_roll WHERE state = 'submitted')
       OR EXISTS (SELECT FROM trainees_study WHERE state = 'approved') THEN
        RAISE EXCEPTION 'This database holds hours without sources: begin with an empty one.';
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0009_taken_over_by"),
        ("trainees", "0195_marks_taken_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(REFUSE_FILLED, REFUSE_FILLED),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("training", models.CharField(max_length=40, verbose_name="training")),
            ],
            options={
                "verbose_name": "source of hours",
                "verbose_name_plural": "sources of hours",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), _negated=True),
                            models.Q(("training", ""), _negated=True),
                        ),
                        name="source_has_kind_and_training",
                    )
                ],
            },
        ),
        ForbidChanges("trainees_source"),
        migrations.RemoveConstraint(model_name="assessment", name="assessment_has_one_evidence"),
        migrations.RemoveConstraint(
            model_name="assessment", name="assessment_attendance_version_once"
        ),
        migrations.RemoveConstraint(model_name="assessment", name="assessment_study_version_once"),
        migrations.RemoveField(model_name="assessment", name="attendance"),
        migrations.RemoveField(model_name="assessment", name="study"),
        migrations.AddField(
            model_name="assessment",
            name="source",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="trainees.source",
                verbose_name="source of hours",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trainees.member",
                verbose_name="member concerned",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.organisation",
                verbose_name="Party organisation",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
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
            model_name="assessment",
            name="begins",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="begins at minute"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="ends",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="ends at minute"),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("begins", None), ("ends", None)),
                    models.Q(
                        ("begins__isnull", False),
                        ("ends__gte", models.F("begins")),
                        ("ends__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="assessment_ends_not_before_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                fields=("source", "owner", "occurred_on", "version"),
                name="assessment_version_once",
            ),
        ),
        migrations.AddField(
            model_name="roll",
            name="source",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="roll",
                to="trainees.source",
                verbose_name="source of hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="roll",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "draft"), ("source__isnull", False), _connector="OR"),
                name="roll_submitted_has_source",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="source",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="study",
                to="trainees.source",
                verbose_name="source of hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    ("source__isnull", False),
                    _connector="OR",
                ),
                name="study_approved_has_source",
            ),
        ),
    ]
