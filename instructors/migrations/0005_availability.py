"""When lecturers can teach: weekly pattern, leave, and parts of single days."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models

import config.lib.periods


class Migration(migrations.Migration):
    dependencies = [
        ("instructors", "0004_issued_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="AvailabilityException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("morning", "morning"),
                            ("afternoon", "afternoon"),
                            ("evening", "evening"),
                        ],
                        max_length=10,
                        verbose_name="part of the day",
                    ),
                ),
                ("is_free", models.BooleanField(verbose_name="can teach")),
                (
                    "instructor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="availability_exceptions",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
            ],
            options={
                "verbose_name": "exception of a day",
                "verbose_name_plural": "exceptions of days",
                "ordering": ["day", "part"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("instructor", "day", "part"),
                        name="availability_exception_once_a_part",
                        violation_error_message="There is an exception for this part of the day already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LecturerLeave",
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
                            ("duty", "official duty"),
                            ("study", "own training"),
                            ("personal", "personal"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
                (
                    "instructor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
            ],
            options={
                "verbose_name": "leave of a lecturer",
                "verbose_name_plural": "leaves of lecturers",
                "ordering": ["period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("instructor", "="), ("period", "&&")],
                        name="lecturer_leave_one_at_a_time",
                        violation_error_message="There is leave on some of these days already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__endswith__isnull", False)),
                        name="lecturer_leave_has_an_end",
                        violation_error_message="Leave has a last day.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WeeklySlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(verbose_name="weekday")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("morning", "morning"),
                            ("afternoon", "afternoon"),
                            ("evening", "evening"),
                        ],
                        max_length=10,
                        verbose_name="part of the day",
                    ),
                ),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
                (
                    "instructor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="weekly_slots",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
            ],
            options={
                "verbose_name": "weekly slot",
                "verbose_name_plural": "weekly slots",
                "ordering": ["instructor", "weekday", "part"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("instructor", "="),
                            ("weekday", "="),
                            ("part", "="),
                            ("period", "&&"),
                        ],
                        name="weekly_slot_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__range", (1, 7))),
                        name="weekly_slot_of_a_weekday",
                    ),
                ],
            },
        ),
    ]
