"""Seats of a class have numbers, each once, as pockets have."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0031_evening_classes"),
        ("schools", "0009_taken_over_by"),
        ("trainees", "0181_import_with_nothing_to_apply"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="enrolment",
            name="enrolment_numbers_from_1_to_999",
        ),
        migrations.AddField(
            model_name="enrolment",
            name="seat",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="seat number"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("training_class", "="), ("sessions", "&&"), ("seat", "=")],
                name="enrolment_seat_once_per_class",
                violation_error_message="Somebody else has this seat number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("phone_pocket", None),
                        models.Q(("phone_pocket__gte", 1), ("phone_pocket__lte", 999)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("seat", None),
                        models.Q(("seat__gte", 1), ("seat__lte", 999)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("study_group", None),
                        models.Q(("study_group__gte", 1), ("study_group__lte", 999)),
                        _connector="OR",
                    ),
                ),
                name="enrolment_numbers_from_1_to_999",
                violation_error_message="Pockets, seats and groups are numbered from 1 to 999.",
            ),
        ),
    ]
