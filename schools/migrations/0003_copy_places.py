from typing import Any

from django.db import migrations

from config.lib.names import pinyin_forms

COPY = """
INSERT INTO schools_placement (organisation_id, parent_id, township_id, village_id, period)
SELECT id, parent_id,
       CASE WHEN parent_id IS NOT NULL THEN township_id END,
       CASE WHEN parent_id IS NOT NULL THEN village_id END, period
FROM schools_organisation ORDER BY id
"""

# Each organisation gets its last place back; the ones before it are lost with their table.
COPY_BACK = """
UPDATE schools_organisation o
SET parent_id = last.parent_id, township_id = last.township_id, village_id = last.village_id
FROM (SELECT DISTINCT ON (organisation_id) * FROM schools_placement
      ORDER BY organisation_id, lower(period) DESC) last
WHERE last.organisation_id = o.id;
DELETE FROM schools_placement
"""


def spell_names(apps: Any, schema_editor: Any) -> None:
    organisation = apps.get_model("schools", "Organisation")
    rows = list(organisation.objects.only("pk", "name"))
    for row in rows:
        row.name_pinyin, row.name_initials = pinyin_forms(row.name)
    organisation.objects.bulk_update(rows, ["name_pinyin", "name_initials"], batch_size=500)


class Migration(migrations.Migration):
    """Every organisation has stood where it stands as long as it exists: that was the rule."""

    dependencies = [
        ("schools", "0002_placement"),
    ]

    operations = [
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RunPython(spell_names, migrations.RunPython.noop),
    ]
