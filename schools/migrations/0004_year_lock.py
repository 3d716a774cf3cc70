import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import config.lib.periods


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_year_end_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="YearLock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("revision", models.PositiveSmallIntegerField(verbose_name="revision")),
                ("locked_at", models.DateTimeField(verbose_name="locked at")),
                ("released_at", models.DateTimeField(null=True, verbose_name="released at")),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="reason of the release"
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="locked by",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="released by",
                    ),
                ),
            ],
            options={
                "verbose_name": "lock of a year",
                "verbose_name_plural": "locks of years",
                "ordering": ["-year", "-revision"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("year",),
                        name="year_lock_one_at_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("year", "revision"), name="year_lock_revision_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("year__gte", 2019),
                            (
                                "year__lt",
                                django.db.models.functions.datetime.ExtractYear(
                                    config.lib.periods.LocalDate("locked_at")
                                ),
                            ),
                        ),
                        name="year_lock_of_a_year_that_is_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("released_at", None), ("released_by", None)),
                            models.Q(
                                ("released_at__isnull", False),
                                ("released_by__isnull", False),
                                ("released_at__gte", models.F("locked_at")),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="year_lock_release_is_signed_and_reasoned",
                    ),
                ],
            },
        ),
    ]
