"""The rule of the door. Local rule, which the district changes."""

from datetime import date

from django.db import migrations

from config.lib.periods import period


def add_rule(apps, schema_editor):
    """An hour before, ten minutes of grace, an hour after."""
    apps.get_model("rolls", "DoorRule").objects.create(
        opens_before=60,
        present_until=10,
        closes_after=60,
        source="本区规定（默认值）",
        period=period(date(2019, 1, 1)),
    )


def remove_rules(apps, schema_editor):
    apps.get_model("rolls", "DoorRule").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("rolls", "0002_guards")]

    operations = [migrations.RunPython(add_rule, remove_rules)]
