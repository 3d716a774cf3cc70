"""Stored hours of booking go in steps of a quarter, as everywhere."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_year_plans"),
        ("dispatch", "0003_answers_by_link"),
        ("instructors", "0006_home_and_initials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="bookingrule",
            name="booking_rule_allows_teaching",
        ),
        migrations.AddConstraint(
            model_name="bookingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("half_day_hours__gt", 0),
                    ("month_hours__gt", 0),
                    ("year_hours__gt", 0),
                    ("half_day_hours__in_quarters", True),
                    ("month_hours__in_quarters", True),
                    ("year_hours__in_quarters", True),
                ),
                name="booking_rule_allows_teaching",
                violation_error_message="Credit hours are above 0 and go in steps of 0.25.",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True), ("hours__gt", 0)),
                name="engagement_hours_in_steps",
            ),
        ),
    ]
