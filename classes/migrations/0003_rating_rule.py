"""The rule of ratings. Local rule, which the district school changes."""

from datetime import date

from django.db import migrations

from config.lib.periods import period


def add_rule(apps, schema_editor):
    """Two weeks, and five answers."""
    apps.get_model("classes", "RatingRule").objects.create(
        days=14, least=5, source="本区规定（默认值）", period=period(date(2019, 1, 1))
    )


def remove_rules(apps, schema_editor):
    apps.get_model("classes", "RatingRule").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("classes", "0002_guards")]

    operations = [migrations.RunPython(add_rule, remove_rules)]
