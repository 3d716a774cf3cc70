from django.db import migrations

import config.lib.periods

OPEN = """
UPDATE courses_venue v SET period = s.period FROM schools_school s WHERE s.id = v.school_id
"""


class Migration(migrations.Migration):
    """Venues known so far have been open as long as their school exists."""

    dependencies = [
        ("courses", "0003_venue_detail"),
    ]

    operations = [
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="venue",
            name="period",
            field=config.lib.periods.PeriodField(verbose_name="open"),
        ),
    ]
