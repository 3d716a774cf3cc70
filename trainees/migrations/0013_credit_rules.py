"""Local defaults for the other categories, and the cap of a half day (domain: half a day is 4).

The cap binds from here on only where nothing has been assessed yet: what stands was assessed
without it.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations

from config.lib.periods import period

LOCAL = "本区规则 (district rule)"
SINCE = period(date(2019, 1, 1))
HALF_DAY = Decimal(4)
# category: minutes per credit hour, steps of review, worth from so many minutes on
RULES = {
    "online": (60, 1, {1: "0.25", 16: "0.5", 30: "1"}),
    "outside": (60, 1, {}),
    "outreach": (60, 1, {}),
    "activity": (60, 2, {}),
}


def add_rules(apps, schema_editor):
    rule = apps.get_model("trainees", "CreditRule")
    step = apps.get_model("trainees", "CreditStep")
    if not apps.get_model("trainees", "Assessment").objects.exists():
        rule.objects.update(half_day_cap=HALF_DAY)
    rule.objects.filter(category="collective").update(review_steps=2)
    for category, (minutes, steps, worth) in RULES.items():
        added, _is_new = rule.objects.update_or_create(
            category=category,
            version=1,
            defaults={"half_day_cap": HALF_DAY, "review_steps": steps},
            create_defaults={
                "daily_cap": Decimal(8),
                "half_day_cap": HALF_DAY,
                "late_deduction": Decimal(0),
                "minutes_per_hour": minutes,
                "review_steps": steps,
                "source": LOCAL,
                "period": SINCE,
            },
        )
        of_rule = [
            step(rule=added, from_minutes=first, hours=Decimal(hours))
            for first, hours in worth.items()
        ]
        step.objects.bulk_create(of_rule, ignore_conflicts=True)


def remove_rules(apps, schema_editor):
    rule = apps.get_model("trainees", "CreditRule")
    assessed = apps.get_model("trainees", "Assessment").objects.values("rule")
    rule.objects.filter(category__in=RULES).exclude(pk__in=assessed).delete()
    rule.objects.update(half_day_cap=None, review_steps=1)


class Migration(migrations.Migration):
    dependencies = [("trainees", "0012_assessment_cuts")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
