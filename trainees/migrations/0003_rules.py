"""The rules in force: national requirements, and the local defaults for what study is worth.

Sources: 中国共产党党员教育管理工作条例 (2019) art. 20; 2019–2023 national plan for members'
education and training, whose figures are carried over as "to be verified".
"""

from datetime import date
from decimal import Decimal

from django.db import migrations

from config.lib.periods import period

REGULATION = "《中国共产党党员教育管理工作条例》(2019) 第二十条"
PLAN = "《2019—2023年全国党员教育培训工作规划》"
LOCAL = "本区规则 (district rule)"
SINCE = period(date(2019, 1, 1))


def add_rules(apps, schema_editor):
    requirement = apps.get_model("trainees", "RequirementRule")
    requirement.objects.create(
        group="every_member", version=1, hours=Decimal(32), source=REGULATION, period=SINCE
    )
    requirement.objects.create(
        group="leading_post",
        version=1,
        hours=Decimal(56),
        concentrated_trainings=1,
        source=PLAN,
        period=period(date(2019, 1, 1), date(2024, 1, 1)),
    )
    requirement.objects.create(
        group="leading_post",
        version=2,
        hours=Decimal(56),
        concentrated_trainings=1,
        source=PLAN,
        to_be_verified=True,
        period=period(date(2024, 1, 1)),
    )
    credit = apps.get_model("trainees", "CreditRule")
    for category, late, minutes in (("concentrated", "0.25", None), ("collective", "0", 60)):
        credit.objects.create(
            category=category,
            version=1,
            daily_cap=Decimal(8),
            late_deduction=Decimal(late),
            minutes_per_hour=minutes,
            source=LOCAL,
            period=SINCE,
        )


def remove_rules(apps, schema_editor):
    apps.get_model("trainees", "RequirementRule").objects.all().delete()
    apps.get_model("trainees", "CreditRule").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("trainees", "0002_ledger_guards")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
