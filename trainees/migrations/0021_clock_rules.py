"""What newly appointed secretaries and new members owe within some months.

Source: 2019–2023 national plan for members' education and training, whose rules are carried over
as "to be verified". The months of probation are those of the Party constitution (art. 7).

A rule that comes with the portal counts as known since the day on which it began: a verdict can be
asked for as it stood on a day before the portal was installed.
"""

from datetime import date

from django.db import migrations

from config.lib.periods import at_local, period

REGULATION = "《中国共产党党员教育管理工作条例》(2019) 第二十条"
PLAN = "《2019—2023年全国党员教育培训工作规划》"
CLOCKS = {"new_secretary": 6, "probationary": 12, "new_full_member": 12}
VERSIONS = (
    (1, False, period(date(2019, 1, 1), date(2024, 1, 1))),
    (2, True, period(date(2024, 1, 1))),
)


def add_rules(apps, schema_editor):
    rules = apps.get_model("trainees", "RequirementRule").objects
    for group, months in CLOCKS.items():
        for version, to_be_verified, days in VERSIONS:
            rules.create(
                group=group,
                version=version,
                hours=0,
                concentrated_trainings=1,
                within_months=months,
                source=PLAN,
                to_be_verified=to_be_verified,
                period=days,
            )
    for rule in rules.filter(source__in=(REGULATION, PLAN), version__lte=2):
        rule.recorded_at = at_local(rule.period.lower, 0)
        rule.save(update_fields=["recorded_at"])


def remove_rules(apps, schema_editor):
    apps.get_model("trainees", "RequirementRule").objects.filter(group__in=CLOCKS).delete()


class Migration(migrations.Migration):
    dependencies = [("trainees", "0020_requirement_clocks")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
