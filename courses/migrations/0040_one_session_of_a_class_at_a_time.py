import django.contrib.postgres.constraints
from django.db import migrations, models

import config.lib.periods

_CLASHES = """
SELECT class.code, one.number, other.number
FROM courses_session one
JOIN courses_session other ON other.id > one.id
 AND other.training_class_id = one.training_class_id
 AND tstzrange(other.starts_at, other.ends_at) && tstzrange(one.starts_at, one.ends_at)
JOIN courses_trainingclass class ON class.id = one.training_class_id
WHERE one.called_off_at IS NULL AND other.called_off_at IS NULL
ORDER BY 1, 2, 3 LIMIT 20
"""


def tell_clashes(apps, schema_editor):
    """Name the sessions that have to be moved before: nobody can guess which were meant."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_CLASHES)
        clashes = cursor.fetchall()
    if clashes:
        pairs = "; ".join(
            f"class {code}, sessions {one} and {other}" for code, one, other in clashes
        )
        raise RuntimeError(f"At one time in one class; move one of each pair first: {pairs}")


class Migration(migrations.Migration):
    """No class has two sessions at once."""

    dependencies = [
        ("courses", "0035_door_rule_within_a_day"),
    ]

    operations = [
        migrations.RunPython(tell_clashes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("called_off_at", None)),
                expressions=[
                    ("training_class", "="),
                    (config.lib.periods.During("starts_at", "ends_at"), "&&"),
                ],
                name="session_class_once_at_a_time",
                violation_error_message="This class has another session at that time.",
            ),
        ),
    ]
