import django.contrib.postgres.constraints
from django.db import migrations

import config.lib.periods

_CLASHES = """
SELECT one.id, other.id, one.venue_id = other.venue_id AS at_venue
FROM courses_session one
JOIN courses_session other ON other.id > one.id
 AND (other.venue_id = one.venue_id OR other.instructor_id = one.instructor_id)
 AND tstzrange(other.starts_at, other.ends_at) && tstzrange(one.starts_at, one.ends_at)
ORDER BY 1, 2 LIMIT 20
"""


def tell_clashes(apps, schema_editor):
    """Name the sessions that have to be moved before: nobody can guess which were meant."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_CLASHES)
        clashes = cursor.fetchall()
    if clashes:
        pairs = "; ".join(
            f"sessions {one} and {other} ({'venue' if at_venue else 'lecturer'})"
            for one, other, at_venue in clashes
        )
        raise RuntimeError(f"Booked twice at one time; move one of each pair first: {pairs}")


class Migration(migrations.Migration):
    """No venue and no lecturer is in two sessions at once."""

    dependencies = [
        ("courses", "0004_venue_open_since"),
        ("instructors", "0002_instructor_user"),
    ]

    operations = [
        migrations.RunPython(tell_clashes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("venue", "="),
                    (config.lib.periods.During("starts_at", "ends_at"), "&&"),
                ],
                name="session_venue_once_at_a_time",
                violation_error_message="Another session is held at this venue at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("instructor", "="),
                    (config.lib.periods.During("starts_at", "ends_at"), "&&"),
                ],
                name="session_lecturer_once_at_a_time",
                violation_error_message="This lecturer teaches another session at that time.",
            ),
        ),
    ]
