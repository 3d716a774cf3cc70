"""Requests to open a year again can be withdrawn; signatures keep a hash of what was signed."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0011_results_wait_for_deletions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="yearreopening",
            name="year_reopening_one_at_a_time",
        ),
        migrations.RemoveConstraint(
            model_name="yearreopening",
            name="year_reopening_of_two_people",
        ),
        migrations.AddField(
            model_name="statementsignature",
            name="signed_hash",
            field=models.CharField(
                db_default="",
                default="",
                editable=False,
                max_length=64,
                verbose_name="SHA-256 of what was signed",
            ),
        ),
        migrations.AlterField(
            model_name="yearreopening",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "asked for"),
                    ("granted", "granted"),
                    ("refused", "refused"),
                    ("withdrawn", "withdrawn"),
                ],
                default="asked",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("refused", "withdrawn")), _negated=True),
                fields=("reconciliation",),
                name="year_reopening_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_by", models.F("asked_by")), _negated=True),
                    ("state", "withdrawn"),
                    _connector="OR",
                ),
                name="year_reopening_of_two_people",
            ),
        ),
    ]
