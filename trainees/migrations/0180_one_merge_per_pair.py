"""Two members are proposed to be merged once, whichever of the two is kept."""

import django.db.models.functions.comparison
from django.db import migrations, models

# Of two proposals of one pair the older one stays; the other could only be refused as untrue.
OLDER_STAYS = """
UPDATE trainees_membermerge late
SET state = 'refused', decided_at = late.proposed_at, answer = '同一对党员已有另一条合并提议。'
WHERE late.state = 'proposed' AND EXISTS (
    SELECT FROM trainees_membermerge early
    WHERE early.state IN ('proposed', 'done') AND early.id <> late.id
      AND (early.kept_id, early.given_up_id) = (late.given_up_id, late.kept_id)
      AND (early.state = 'done' OR early.id < late.id))
"""


class Migration(migrations.Migration):
    dependencies = [("trainees", "0161_mark_dismissals")]

    operations = [
        migrations.RunSQL(OLDER_STAYS, migrations.RunSQL.noop),
        # The table is altered once more in this transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="membermerge",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("kept", "given_up"),
                django.db.models.functions.comparison.Greatest("kept", "given_up"),
                condition=models.Q(("state__in", ["proposed", "done"])),
                name="member_merge_once_per_pair",
                violation_error_message="A merge of these two is proposed or done already.",
            ),
        ),
    ]
