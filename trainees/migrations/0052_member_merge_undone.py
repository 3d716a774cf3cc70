"""Who took merged rows apart, when and why stands beside the decision, which it once replaced."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The trail still says who decided, and when.
APART = """
UPDATE trainees_membermerge m
SET undone_at = decided_at, undo_reason = coalesce(nullif(answer, ''), '-'), answer = '',
    undone_by_id = coalesce((SELECT actor_id FROM accounts_auditentry WHERE act = 'undo_merge'
        AND object_type = 'trainees.membermerge' AND object_id = m.id::text), decided_by_id),
    decided_at = coalesce((SELECT at FROM accounts_auditentry WHERE act = 'merge_members'
        AND object_type = 'trainees.membermerge' AND object_id = m.id::text), decided_at),
    decided_by_id = coalesce((SELECT actor_id FROM accounts_auditentry WHERE act = 'merge_members'
        AND object_type = 'trainees.membermerge' AND object_id = m.id::text), decided_by_id)
WHERE state = 'undone'
"""
TOGETHER = """
UPDATE trainees_membermerge SET decided_at = undone_at, answer = undo_reason
WHERE state = 'undone'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("trainees", "0051_register_unchanged_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The table is altered once more in this transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="membermerge",
            name="undone_at",
            field=models.DateTimeField(null=True, verbose_name="taken apart at"),
        ),
        migrations.AddField(
            model_name="membermerge",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="taken apart by",
            ),
        ),
        migrations.AddField(
            model_name="membermerge",
            name="undo_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                verbose_name="reason of taking apart",
            ),
        ),
        migrations.RunSQL(APART, TOGETHER),
        migrations.AddConstraint(
            model_name="membermerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "undone"),
                        ("undone_at__isnull", False),
                        models.Q(("undo_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "undone"), _negated=True), ("undone_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="member_merge_undoing_is_dated_and_reasoned",
            ),
        ),
    ]
