"""A merge says for which years the kept row holds the hours of the row given up.

Hours of years that were closed before the rows were taken apart stay where they stood.
"""

from django.db import migrations, models

FILL = """
UPDATE trainees_membermerge merge SET first_year = member.merged_year
FROM trainees_member member
WHERE member.id = merge.given_up_id AND merge.state = 'done'
"""


class Migration(migrations.Migration):
    dependencies = [("trainees", "0005_register_sheets")]

    operations = [
        migrations.AddField(
            model_name="membermerge",
            name="first_year",
            field=models.PositiveSmallIntegerField(
                editable=False, null=True, verbose_name="first year held together"
            ),
        ),
        migrations.AddField(
            model_name="membermerge",
            name="until_year",
            field=models.PositiveSmallIntegerField(
                editable=False, null=True, verbose_name="held apart again from the year"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="membermerge",
            constraint=models.CheckConstraint(
                condition=models.Q(until_year__isnull=True)
                | models.Q(first_year__isnull=False, until_year__gte=models.F("first_year")),
                name="member_merge_ends_after_its_first_year",
            ),
        ),
    ]
