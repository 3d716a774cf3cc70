"""The three modules and the mix that the district's scheme of 2019 set for each of them."""

from datetime import date

from django.db import migrations

from config.lib.periods import period

MODULES = {"rural": "乡村振兴", "governance": "基层治理", "affairs": "党务工作"}
# Percent of the hours of a module, by strand.
SHARES = {"theory": 40, "practice": 40, "role_models": 20}
SINCE = period(date(2019, 1, 1))


def add_modules(apps, schema_editor):
    module_model = apps.get_model("courses", "Module")
    share_model = apps.get_model("courses", "StrandShare")
    for code, name in MODULES.items():
        module = module_model.objects.create(code=code, name=name)
        share_model.objects.bulk_create(
            share_model(module=module, strand=strand, percent=percent, period=SINCE)
            for strand, percent in SHARES.items()
        )


def remove_modules(apps, schema_editor):
    """Refused while a course or a class is of one of them."""
    apps.get_model("courses", "StrandShare").objects.all().delete()
    apps.get_model("courses", "Module").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [migrations.RunPython(add_modules, remove_modules)]
