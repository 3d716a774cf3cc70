"""Dismissals of marks that were not taken."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("trainees", "0160_session_file_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MarkDismissal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("dismissed_at", models.DateTimeField(verbose_name="dismissed at")),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dismissed by",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dismissal",
                        to="trainees.markreceipt",
                        verbose_name="mark",
                    ),
                ),
            ],
            options={
                "verbose_name": "dismissal of a mark",
                "verbose_name_plural": "dismissals of marks",
                "ordering": ["-dismissed_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="mark_dismissal_has_reason",
                    )
                ],
            },
        ),
        ForbidChanges("trainees_markdismissal"),
    ]
