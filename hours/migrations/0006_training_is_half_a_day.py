"""The concentrated training of a year is at least half a day, as that of a clock already is.

A district rule. Where hours were assessed already, it comes as a version of its own from 2026 on,
since the verdicts of earlier years stay; a district that has said otherwise since keeps its word.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db import migrations

from config.lib.periods import period

LEAST = Decimal(4)
PLAN = "《2019—2023年全国党员教育培训工作规划》"
SINCE = date(2026, 1, 1)
OWN_FIELDS = ("_state", "id", "version", "period", "recorded_at", "training_hours")


def ask_for_half_a_day(apps, schema_editor):
    rules = apps.get_model("hours", "RequirementRule").objects.filter(group="leading_post")
    rule = rules.filter(
        source=PLAN,
        version=2,
        training_hours=None,
        concentrated_trainings=1,
        period=period(date(2024, 1, 1)),
    ).first()
    if rule is None:
        return
    if not apps.get_model("hours", "Assessment").objects.exists():
        _set(rule, LEAST)
        return
    fields = {name: value for name, value in vars(rule).items() if name not in OWN_FIELDS}
    rule.period = period(rule.period.lower, SINCE)
    rule.save()
    rules.create(**fields, version=3, period=period(SINCE), training_hours=LEAST)


def go_back(apps, schema_editor):
    rules = apps.get_model("hours", "RequirementRule").objects.filter(group="leading_post")
    first = rules.filter(source=PLAN, version=2).first()
    follower = rules.filter(version=3, period=period(SINCE), training_hours=LEAST).first()
    if follower is not None:
        follower.delete()
        first.period = period(first.period.lower)
        first.save()
    elif first is not None and first.training_hours == LEAST:
        _set(first, None)


def _set(rule, least):
    """As if it had been known so from the rule's first day on."""
    rule.training_hours = least
    rule.recorded_at += timedelta(microseconds=1)
    rule.save()


class Migration(migrations.Migration):
    dependencies = [("hours", "0005_online_study_rule")]

    operations = [migrations.RunPython(ask_for_half_a_day, go_back)]
