"""Until when a year takes facts after its end. Local rule, which the district changes.

January, as it has been for study and disputes; from now on for all facts alike.
"""

import django.contrib.postgres.constraints
from django.db import migrations, models

import config.lib.periods

DEFAULT = """
INSERT INTO schools_yearendrule (days, source, period)
VALUES (31, '本区规定（默认值）', '[2019-01-01,)')
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="YearEndRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        verbose_name="days open after the end of the year"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "rule of the year's end",
                "verbose_name_plural": "rules of the year's end",
                "ordering": ["period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("period", "&&")],
                        name="year_end_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end "
                        "its period first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__lte", 180)),
                        name="year_end_rule_within_a_year",
                        violation_error_message="A year is open for at most 180 days after its "
                        "end.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(DEFAULT, migrations.RunSQL.noop),
    ]
