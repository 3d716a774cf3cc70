"""The rules in force: national requirements, and the local defaults for what study is worth.

Sources: 中国共产党党员教育管理工作条例 (2019) art. 20; 2019–2023 national plan for members'
education and training, whose figures are carried over as "to be verified". The months of probation
are those of the Party constitution (art. 7). How long a training is at least is a local rule.

They come before the guards: a way back leaves no former versions of them.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations

from config.lib.periods import at_local, period

REGULATION = "《中国共产党党员教育管理工作条例》(2019) 第二十条"
PLAN = "《2019—2023年全国党员教育培训工作规划》"
LOCAL = "本区规则 (district rule)"

SINCE = period(date(2019, 1, 1))
DURING_PLAN = period(date(2019, 1, 1), date(2024, 1, 1))
AFTER_PLAN = period(date(2024, 1, 1))

HALF_A_DAY = Decimal(4)
TRAINING = {"concentrated_trainings": 1, "source": PLAN}


def clock(months):
    """One training within so many months; since the plan has ended, one of half a day."""
    owed = {**TRAINING, "hours": 0, "within_months": months}
    return [
        {**owed, "period": DURING_PLAN},
        {**owed, "period": AFTER_PLAN, "to_be_verified": True, "training_hours": HALF_A_DAY},
    ]


# What each group owes: its versions from the first one on.
REQUIREMENTS = {
    "every_member": [{"hours": 32, "source": REGULATION, "period": SINCE}],
    "leading_post": [
        {**TRAINING, "hours": 56, "period": DURING_PLAN},
        {**TRAINING, "hours": 56, "period": AFTER_PLAN, "to_be_verified": True},
    ],
    "new_secretary": clock(6),
    "probationary": clock(12),
    "new_full_member": clock(12),
}

# What evidence of each category is worth, beside what all have in common.
COMMON = {
    "version": 1,
    "daily_cap": 8,
    "half_day_cap": HALF_A_DAY,
    "late_deduction": 0,
    "minutes_per_hour": 60,
    "source": LOCAL,
    "period": SINCE,
}
CREDIT = {
    # Rolls close after 72 hours, and may be reopened for 7 days after that.
    "concentrated": {
        "late_deduction": Decimal("0.25"),
        "minutes_per_hour": None,
        "roll_hours": 72,
        "roll_days": 7,
    },
    "collective": {"review_steps": 2, "evidence_required": True},
    "online": {"evidence_required": True},
    "outside": {"evidence_required": True},
    "outreach": {},
    "activity": {"review_steps": 2},
}
# Category: credit hours by the minutes from which they count.
STEPS = {"online": {1: Decimal("0.25"), 16: Decimal("0.5"), 30: Decimal(1)}}


def add_rules(apps, schema_editor):
    """A requirement counts as known since its first day.

    A verdict can be asked for as it stood before the portal was installed.
    """
    requirement, credit, step = (
        apps.get_model("hours", name) for name in ("RequirementRule", "CreditRule", "CreditStep")
    )
    for group, versions in REQUIREMENTS.items():
        for version, fields in enumerate(versions, start=1):
            known_since = at_local(fields["period"].lower, 0)
            requirement.objects.create(
                group=group, version=version, recorded_at=known_since, **fields
            )
    for category, fields in CREDIT.items():
        rule = credit.objects.create(category=category, **(COMMON | fields))
        step.objects.bulk_create(
            step(rule=rule, from_minutes=minutes, hours=hours)
            for minutes, hours in STEPS.get(category, {}).items()
        )


def remove_rules(apps, schema_editor):
    """Refused while hours have been assessed by one of them."""
    for name in ("RequirementRule", "CreditStep", "CreditRule"):
        apps.get_model("hours", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("hours", "0001_initial")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
