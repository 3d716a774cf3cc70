"""Online study of half an hour or more counts an hour, and no more.

Source: the district rule that `0002_rules` brought. Its steps gave way to the minutes where these
came to more, so that eight hours online counted as eight. Steps now come first. A rule with both
keeps its meaning, spelled out in steps, since what was assessed by it is judged by it for ever.
Where that is the product's own rule and it was used, a version with the ceiling follows it from the
day after the last one assessed; unused, the rule itself is put right.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import migrations

from config.lib.periods import period

DEFAULT = {1: Decimal("0.25"), 16: Decimal("0.5"), 30: Decimal(1)}
LOCAL = "本区规则 (district rule)"
PER_HOUR, CEILING = 60, Decimal(1)
# The longest day of study, and the smallest part of an hour.
LONGEST, QUARTERS = 480, 4
OWN_FIELDS = ("_state", "id", "version", "period", "recorded_at", "piece_cap", "minutes_per_hour")


def put_right(apps, schema_editor):
    """Give steps the first word, without changing what a stored rule means to what it assessed."""
    rule_model, step_model, assessment = _models(apps)
    for rule in rule_model.objects.filter(minutes_per_hour__isnull=False):
        steps = dict(step_model.objects.filter(rule=rule).values_list("from_minutes", "hours"))
        if not steps:
            continue
        used = assessment.objects.filter(rule=rule).order_by("occurred_on").last()
        is_default = (
            steps == DEFAULT
            and (rule.category, rule.source) == ("online", LOCAL)
            and rule.minutes_per_hour == PER_HOUR
            and rule.period.upper is None
        )
        if is_default and used is None:
            rule.minutes_per_hour, rule.piece_cap = None, CEILING
            rule.save()
            continue
        _spell_out(rule, steps, step_model)
        if is_default:
            _follow(rule, used.occurred_on + timedelta(days=1), rule_model, step_model)


def _spell_out(rule, steps, step_model):
    """Each length at which the worth rises, by the greater of minutes and steps as before."""
    rises = {-(-rule.minutes_per_hour * n // QUARTERS) for n in range(1, 1000)}
    worth = Decimal(0)
    step_model.objects.filter(rule=rule).delete()
    for minutes in sorted({*rises, *steps}):
        if minutes > LONGEST:
            break
        reached = (hours for first, hours in steps.items() if first <= minutes)
        now = max(Decimal(minutes * QUARTERS // rule.minutes_per_hour) / QUARTERS, *reached, worth)
        if now > worth:
            step_model.objects.create(rule=rule, from_minutes=minutes, hours=now)
        worth = now
    rule.minutes_per_hour = None
    rule.save()


def _follow(rule, day, rule_model, step_model):
    """A version with the ceiling from `day` on; the former one ends before it."""
    rule.period = period(rule.period.lower, day)
    rule.save()
    last = rule_model.objects.filter(category=rule.category).order_by("version").last()
    fields = {name: value for name, value in vars(rule).items() if name not in OWN_FIELDS}
    follower = rule_model.objects.create(
        **fields, version=last.version + 1, period=period(day), piece_cap=CEILING
    )
    for minutes, hours in DEFAULT.items():
        step_model.objects.create(rule=follower, from_minutes=minutes, hours=hours)


def go_back(apps, schema_editor):
    """A rule put right in place gets its minutes back; one that followed stays once it was used."""
    rule_model, step_model, assessment = _models(apps)
    for rule in rule_model.objects.filter(category="online", source=LOCAL, piece_cap=CEILING):
        if assessment.objects.filter(rule=rule).exists():
            continue
        before = rule_model.objects.filter(category="online", period__endswith=rule.period.lower)
        former = before.first()
        if former is None:
            rule.minutes_per_hour = PER_HOUR
            rule.save()
            continue
        step_model.objects.filter(rule=rule).delete()
        rule.delete()
        former.period = period(former.period.lower)
        former.save()


def _models(apps):
    return (apps.get_model("hours", name) for name in ("CreditRule", "CreditStep", "Assessment"))


class Migration(migrations.Migration):
    dependencies = [("hours", "0004_ceiling_of_study")]

    operations = [migrations.RunPython(put_right, go_back)]
