"""How letters of appointment are numbered, last and are warned of. Local rule.

The default is three years, and 60 days of warning; the district changes it.
"""

import django.contrib.postgres.constraints
from django.db import migrations, models

import config.lib.periods

DEFAULT = """
INSERT INTO instructors_letterrule (number_form, term_years, warning_days, source, period)
VALUES ('聘字〔{year}〕第{serial}号', 3, 60, '本区规定（默认值）', '[2019-01-01,)')
"""


class Migration(migrations.Migration):
    dependencies = [("instructors", "0002_nominations")]

    operations = [
        migrations.CreateModel(
            name="LetterRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number_form",
                    models.CharField(
                        help_text="With {year} and {serial} in it: the year of issue, the running number.",
                        max_length=24,
                        verbose_name="form of the numbers",
                    ),
                ),
                (
                    "term_years",
                    models.PositiveSmallIntegerField(verbose_name="longest term in years"),
                ),
                (
                    "warning_days",
                    models.PositiveSmallIntegerField(verbose_name="days of warning before the end"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "rule of letters of appointment",
                "verbose_name_plural": "rules of letters of appointment",
                "ordering": ["period"],
            },
        ),
        migrations.AddConstraint(
            model_name="letterrule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("period", "&&")],
                name="letter_rule_one_at_a_time",
                violation_error_message="A version is in force on some of these days: end its period first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number_form__contains", "{year}"), ("number_form__contains", "{serial}")
                ),
                name="letter_rule_numbers_by_year",
                violation_error_message="The form has {year} and {serial} in it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("term_years__range", (1, 10)), ("warning_days__range", (1, 366))
                ),
                name="letter_rule_within_reach",
                violation_error_message="A term lasts 1 to 10 years; its end is warned of 1 to 366 days before.",
            ),
        ),
        migrations.RunSQL(DEFAULT, migrations.RunSQL.noop),
    ]
