"""The rule of booking as it comes, and tables whose rows never change.

Local rule with default figures: two weeks of lead, three days to answer and to agree, four paid
hours in half a day (fund rules), and an hour of travel between two schools.
"""

from django.db import migrations

from config.lib.append_only import ForbidChanges

DEFAULT = """
INSERT INTO dispatch_bookingrule (
    lead_days, answer_days, confirm_days, evaluate_days, half_day_hours, month_hours, year_hours,
    travel_minutes, source, period
) VALUES (14, 3, 3, 14, 4, 24, 120, 60, '本区规定（默认值）', '[2019-01-01,)')
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_initial")]

    operations = [
        migrations.RunSQL(DEFAULT, migrations.RunSQL.noop),
        ForbidChanges("dispatch_bookingstep"),
        ForbidChanges("dispatch_engagementoverride"),
        ForbidChanges("dispatch_planversion"),
        ForbidChanges("dispatch_planline"),
    ]
