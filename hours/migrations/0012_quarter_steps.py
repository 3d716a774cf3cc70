"""Kept hours go in steps of 0.25, as those that they are added up from."""

from django.db import migrations, models

import config.lib.hours


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0011_closed_years"),
        ("schools", "0005_closed_years"),
        ("trainees", "0008_closed_years"),
    ]

    operations = [
        migrations.AlterField(
            model_name="monthtotal",
            name="hours",
            field=config.lib.hours.HoursField(
                decimal_places=2, max_digits=12, verbose_name="credit hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owed__in_quarters", True),
                    ("training_hours__in_quarters", True),
                    ("hours__in_quarters", True),
                    ("concentrated__in_quarters", True),
                ),
                name="balance_quarter_steps",
            ),
        ),
        migrations.AddConstraint(
            model_name="monthtotal",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True)), name="month_total_quarter_steps"
            ),
        ),
    ]
