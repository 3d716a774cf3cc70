"""No hours are posted or reversed in a closed year, and the rules of its days stay."""

from django.db import migrations

from schools.closed_years import GuardFacts, GuardPosts


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0010_month_totals"),
        ("schools", "0005_closed_years"),
    ]

    operations = [
        GuardPosts("hours_creditentry"),
        GuardPosts("hours_assessment"),
        GuardFacts(
            "hours_requirementrule",
            *("group", "version", "hours", "concentrated_trainings", "training_hours"),
            *("pro_rata", "within_months"),
        ),
        GuardFacts(
            "hours_creditrule",
            *("category", "version", "daily_cap", "half_day_cap", "yearly_cap", "piece_cap"),
            *("late_deduction", "minutes_per_hour"),
        ),
    ]
