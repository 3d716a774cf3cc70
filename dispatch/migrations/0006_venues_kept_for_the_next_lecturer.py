"""A session that lost its lecturer keeps its venue while the desk looks for the next one."""

import django.contrib.postgres.constraints
from django.conf import settings
from django.db import migrations, models

import config.lib.periods


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0009_reason_of_the_lecturer"),
        ("dispatch", "0005_changes_and_warnings_of_steps"),
        ("instructors", "0006_home_and_initials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="engagement",
            name="holds_venue",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="keeps its venue for the next lecturer",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "proposed", "accepted")),
                    ("holds_venue", True),
                    _connector="OR",
                ),
                expressions=[
                    ("venue", "="),
                    (config.lib.periods.TimestampRange("starts_at", "ends_at"), "&&"),
                    ("letter", "<>"),
                ],
                name="engagement_venue_kept_for_its_letter",
                violation_error_message="This venue is booked for another letter at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("holds_venue", False),
                    models.Q(
                        ("session", None),
                        ("state__in", ("declined", "lapsed")),
                        ("venue__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="engagement_holds_venue_while_lost",
            ),
        ),
    ]
