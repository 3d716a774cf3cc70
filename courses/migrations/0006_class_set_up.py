"""When classes of each preset meet, and what else a class is set up with."""

from datetime import time
from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import config.lib.hours
import config.lib.periods

HALF_DAYS = (time(8, 30), time(13, 30))
EVENING = time(18, 30)
# Preset: day, start, minutes, credit hours of each session. Local; the district edits the rows.
SESSIONS = {
    "micro_lecture": [(1, time(9), 15, Decimal("0.25"))],
    "pack": [(1, HALF_DAYS[0], 210, Decimal(4))],
    "evening": [(day, EVENING, 120, Decimal(2)) for day in (1, 2)],
    "intensive": [(day, half, 210, Decimal(4)) for day in (1, 2, 3) for half in HALF_DAYS],
}


def add_presets(apps, schema_editor):
    preset_session = apps.get_model("courses", "PresetSession")
    preset_session.objects.bulk_create(
        preset_session(
            preset=preset, number=number, day=day, starts=starts, minutes=minutes, hours=hours
        )
        for preset, sessions in SESSIONS.items()
        for number, (day, starts, minutes, hours) in enumerate(sessions, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0005_no_double_booking"),
        ("instructors", "0002_instructor_user"),
        ("schools", "0009_taken_over_by"),
    ]

    operations = [
        migrations.CreateModel(
            name="PresetSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "preset",
                    models.CharField(
                        choices=[
                            ("micro_lecture", "micro-lecture of 15 minutes"),
                            ("pack", "4-hour pack in half a day"),
                            ("evening", "evening class, twice two hours"),
                            ("intensive", "intensive class of three days"),
                        ],
                        max_length=20,
                        verbose_name="preset",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        help_text="1 is the first day of the class.", verbose_name="day"
                    ),
                ),
                ("starts", models.TimeField(verbose_name="starts at")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                (
                    "hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours"
                    ),
                ),
            ],
            options={
                "verbose_name": "session of a preset",
                "verbose_name_plural": "sessions of presets",
                "ordering": ["preset", "number"],
            },
        ),
        migrations.CreateModel(
            name="Programme",
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
                        choices=[("special_project", "special project"), ("campaign", "campaign")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="place",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Where no venue of the school is used: a village square, a home, a link.",
                max_length=80,
                verbose_name="other place",
            ),
        ),
        migrations.AddField(
            model_name="trainingclass",
            name="capacity",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Leave it empty for as many as the venue holds.",
                null=True,
                verbose_name="places",
            ),
        ),
        migrations.AddField(
            model_name="trainingclass",
            name="is_open",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="members may enrol themselves"
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="venue",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="courses.venue",
                verbose_name="venue",
            ),
        ),
        migrations.AlterField(
            model_name="trainingclass",
            name="mode",
            field=models.CharField(
                choices=[
                    ("on_site", "on site"),
                    ("online", "online"),
                    ("mobile_hall", "mobile lecture hall"),
                    ("outreach", "outreach teaching"),
                    ("hybrid", "on site and online at once"),
                ],
                default="on_site",
                max_length=20,
                verbose_name="mode",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("place", ""), ("venue__isnull", False)),
                    models.Q(("venue", None), models.Q(("place", ""), _negated=True)),
                    _connector="OR",
                ),
                name="session_has_one_place",
                violation_error_message="A session is held at a venue or at another place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="presetsession",
            constraint=models.UniqueConstraint(
                fields=("preset", "number"), name="preset_session_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="presetsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("day__gte", 1), ("minutes__gte", 1), ("number__gte", 1)),
                name="preset_session_counts_from_one",
                violation_error_message="Number, day and minutes are 1 or more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="presetsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True), ("hours__gt", 0)),
                name="preset_session_hours_in_steps",
                violation_error_message="Credit hours are above 0 and go in steps of 0.25.",
            ),
        ),
        migrations.AddField(
            model_name="trainingclass",
            name="programme",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="classes",
                to="courses.programme",
                verbose_name="programme",
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingclass",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity", None), ("capacity__gt", 0), _connector="OR"),
                name="training_class_has_places",
                violation_error_message="A class has at least one place.",
            ),
        ),
        migrations.RunPython(add_presets, migrations.RunPython.noop),
    ]
