"""Rosters by session, waiting lists, study groups and a monitor."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import psycopg2.extras
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_class_set_up"),
        ("schools", "0009_taken_over_by"),
        ("trainees", "0070_participant_corrections"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingListEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "place on a waiting list",
                "verbose_name_plural": "waiting lists",
                "ordering": ["since", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="enrolment",
            name="enrolment_once_per_class",
        ),
        migrations.RemoveConstraint(
            model_name="enrolment",
            name="enrolment_pocket_once_per_class",
        ),
        migrations.AddField(
            model_name="enrolment",
            name="is_monitor",
            field=models.BooleanField(db_default=False, default=False, verbose_name="monitor"),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="sessions",
            field=django.contrib.postgres.fields.ranges.IntegerRangeField(
                db_default=psycopg2.extras.NumericRange(1, None, "[)"),
                default=psycopg2.extras.NumericRange(1, None, "[)"),
                verbose_name="sessions",
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="study_group",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="study group"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("training_class", "="), ("sessions", "&&"), ("member", "=")],
                name="enrolment_once_per_class",
                violation_error_message="This member is on the roster already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("training_class", "="), ("sessions", "&&"), ("phone_pocket", "=")],
                name="enrolment_pocket_once_per_class",
                violation_error_message="Somebody else has this pocket number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("is_monitor", True)),
                expressions=[("training_class", "="), ("sessions", "&&")],
                name="enrolment_one_monitor",
                violation_error_message="A class has one monitor.",
            ),
        ),
        migrations.AddField(
            model_name="waitinglistentry",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trainees.member",
                verbose_name="member",
            ),
        ),
        migrations.AddField(
            model_name="waitinglistentry",
            name="training_class",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="waiting_list",
                to="courses.trainingclass",
                verbose_name="training class",
            ),
        ),
        migrations.AddConstraint(
            model_name="waitinglistentry",
            constraint=models.UniqueConstraint(
                fields=("training_class", "member"), name="waiting_list_once_per_class"
            ),
        ),
    ]
