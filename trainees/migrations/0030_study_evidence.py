"""Files that show a study, its submissions, and which rule asks for such files.

What stands was handed in before; no rule is asked of it again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges

REQUIRED = ["collective", "online", "outside"]


def require_evidence(apps, schema_editor):
    rules = apps.get_model("trainees", "CreditRule")
    rules.objects.filter(category__in=REQUIRED).update(evidence_required=True)


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0040_files_are_kept"),
        ("trainees", "0022_keep_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                fields=["organisation"],
                name="study_waiting",
                condition=models.Q(state__in=["submitted", "checked"]),
            ),
        ),
        migrations.AddField(
            model_name="creditrule",
            name="evidence_required",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="evidence required"
            ),
        ),
        migrations.CreateModel(
            name="StudyFile",
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
                            ("photo", "photograph"),
                            ("sheet", "sign-in sheet"),
                            ("certificate", "certificate or screenshot"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
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
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backstage.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="trainees.study",
                        verbose_name="study record",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence of a study",
                "verbose_name_plural": "evidence of studies",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="StudySubmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="submission")),
                ("submitted_at", models.DateTimeField(verbose_name="handed in at")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="trainees.study",
                        verbose_name="study record",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed in by",
                    ),
                ),
            ],
            options={
                "verbose_name": "submission of a study record",
                "verbose_name_plural": "submissions of study records",
                "ordering": ["submitted_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study", "round"), name="study_submission_round_once"
                    )
                ],
            },
        ),
        ForbidChanges("trainees_studysubmission"),
        migrations.RunPython(require_evidence, migrations.RunPython.noop),
    ]
