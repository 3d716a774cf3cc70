"""Permitted uses and ceilings of lecturer fees, as they come.

Dues pay for what the rules on the use of Party dues for the education of members name; general
running costs are not among it. The fiscal appropriation pays for these too. Fees are the ceilings
of the national rules on training expenses, after tax, for each credit hour. A district changes
them by new rows.
"""

from django.db import migrations

USES = """
INSERT INTO funding_userule (channel, use, source, period)
SELECT channel, use, source, '[2019-01-01,)'
FROM unnest(ARRAY['lecturer_fee', 'lodging', 'meals', 'transport', 'venue', 'materials', 'tickets',
                  'guiding', 'textbooks', 'venue_equipment']) AS use,
     (VALUES ('dues', '党员教育培训党费使用范围'), ('fiscal', '党员教育培训经费管理规定'))
         AS of (channel, source)
UNION ALL VALUES ('fiscal', 'running_costs', '党员教育培训经费管理规定',
                  '[2019-01-01,)'::daterange)
"""
FEES = """
INSERT INTO funding_feerule (title, ceiling, source, period)
SELECT title, ceiling, '培训费管理办法（税后，每学时）', '[2019-01-01,)'
FROM (VALUES ('none', 500), ('associate_professor', 500), ('professor', 1000),
             ('academician', 1500)) AS fees (title, ceiling)
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0003_guards")]

    operations = [
        migrations.RunSQL(USES, "DELETE FROM funding_userule"),
        migrations.RunSQL(FEES, "DELETE FROM funding_feerule"),
    ]
