"""How long a training is at least. District rule, to be verified: half a day for who owes by a clock.

Versions that have ended stay as they were, and so does what past years ask of leading posts. Where
nobody was judged yet, the length counts as known from the beginning, as the rules themselves do
(migration 0021); elsewhere what was said before can still be asked for.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import migrations, models

import config.lib.hours
from config.lib.versions import AddToPast

CLOCKS = ("new_secretary", "probationary", "new_full_member")
HALF_A_DAY = Decimal(4)


def set_half_a_day(apps, schema_editor):
    rules = apps.get_model("trainees", "RequirementRule").objects
    values = {"training_hours": HALF_A_DAY}
    if not apps.get_model("trainees", "Member").objects.exists():
        values["recorded_at"] = models.F("recorded_at") + timedelta(microseconds=1)
    rules.filter(group__in=CLOCKS, period__endswith__isnull=True).update(**values)


class Migration(migrations.Migration):
    dependencies = [("trainees", "0052_member_merge_undone")]

    operations = [
        migrations.AddField(
            model_name="requirementrule",
            name="training_hours",
            field=config.lib.hours.HoursField(
                blank=True,
                decimal_places=2,
                help_text="District rule: a shorter training does not count as one. 4 are half a day.",
                max_digits=6,
                null=True,
                verbose_name="least credit hours of a training",
            ),
        ),
        AddToPast("trainees_requirementrule", "training_hours"),
        migrations.AddConstraint(
            model_name="requirementrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("training_hours__isnull", True),
                    models.Q(("training_hours__in_quarters", True), ("training_hours__gt", 0)),
                    _connector="OR",
                ),
                name="requirement_rule_training_hours_in_steps",
                violation_error_message="A training has hours above 0, in steps of 0.25.",
            ),
        ),
        migrations.RunPython(set_half_a_day, migrations.RunPython.noop),
    ]
