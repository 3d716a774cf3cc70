"""A session may be called off; its venue and lecturer are free then."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.periods


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_class_set_up"),
        ("instructors", "0002_instructor_user"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="session",
            name="session_venue_once_at_a_time",
        ),
        migrations.RemoveConstraint(
            model_name="session",
            name="session_lecturer_once_at_a_time",
        ),
        migrations.AddField(
            model_name="session",
            name="called_off_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="called off at"),
        ),
        migrations.AddField(
            model_name="session",
            name="called_off_because",
            field=models.CharField(
                blank=True,
                db_default="",
                editable=False,
                max_length=200,
                verbose_name="why it is called off",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="called_off_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="called off by",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("called_off_at", None)),
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
                condition=models.Q(("called_off_at", None)),
                expressions=[
                    ("instructor", "="),
                    (config.lib.periods.During("starts_at", "ends_at"), "&&"),
                ],
                name="session_lecturer_once_at_a_time",
                violation_error_message="This lecturer teaches another session at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("called_off_at", None), ("called_off_because", ""), ("called_off_by", None)
                    ),
                    models.Q(
                        ("called_off_at__isnull", False),
                        ("called_off_by__isnull", False),
                        models.Q(("called_off_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="session_called_off_with_a_reason",
                violation_error_message="A session is called off by somebody, with a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("called_off_at", None),
                    ("called_off_at__lt", models.F("starts_at")),
                    _connector="OR",
                ),
                name="session_called_off_before_it_begins",
                violation_error_message="A session is called off before it begins.",
            ),
        ),
    ]
