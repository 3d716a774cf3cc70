"""The home township of lecturers, and their names in pinyin for order and search."""

import django.db.models.deletion
from django.db import migrations, models

from config.lib.names import pinyin_forms


def write_pinyin(apps, _schema_editor):
    """Fill the columns of lecturers who are there already."""
    lecturers = apps.get_model("instructors", "Instructor").objects
    rows = list(lecturers.only("name"))
    for row in rows:
        row.name_pinyin, row.name_initials = pinyin_forms(row.name)
    lecturers.bulk_update(rows, ["name_pinyin", "name_initials"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("instructors", "0005_availability"),
        ("schools", "0003_year_end_rule"),
    ]

    operations = [
        migrations.AddField(
            model_name="instructor",
            name="home_township",
            field=models.ForeignKey(
                blank=True,
                help_text=(
                    "From where the lecturer travels. Empty: not known, or outside the district."
                ),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lecturers",
                to="schools.township",
                verbose_name="home township",
            ),
        ),
        migrations.AddField(
            model_name="instructor",
            name="name_initials",
            field=models.CharField(db_default="", default="", editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="instructor",
            name="name_pinyin",
            field=models.CharField(db_default="", default="", editable=False, max_length=700),
        ),
        migrations.RunPython(write_pinyin, migrations.RunPython.noop),
    ]
