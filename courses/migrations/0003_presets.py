"""When classes of each preset meet. Local rule; the district edits the rows."""

from datetime import time
from decimal import Decimal

from django.db import migrations

MORNING, AFTERNOON, EVENING = time(8, 30), time(13, 30), time(18, 30)
# Preset: day, start, minutes, credit hours of each session.
SESSIONS = {
    "micro_lecture": [(1, time(9), 15, Decimal("0.25"))],
    "pack": [(1, MORNING, 210, Decimal(4))],
    "evening": [(day, EVENING, 120, Decimal(2)) for day in (1, 2)],
    "intensive": [
        (day, half, 210, Decimal(4)) for day in (1, 2, 3) for half in (MORNING, AFTERNOON)
    ],
}


def add_presets(apps, schema_editor):
    preset_session = apps.get_model("courses", "PresetSession")
    preset_session.objects.bulk_create(
        preset_session(
            preset=preset, number=number, day=day, starts=starts, minutes=minutes, hours=hours
        )
        for preset, sessions in SESSIONS.items()
        for number, (day, starts, minutes, hours) in enumerate(sessions, start=1)
    )


def remove_presets(apps, schema_editor):
    apps.get_model("courses", "PresetSession").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("courses", "0002_modules")]

    operations = [migrations.RunPython(add_presets, remove_presets)]
