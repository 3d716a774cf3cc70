"""Rolls close: their deadlines, and how one is reopened. Local rule; 72 hours, and 7 days after them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOURS, DAYS = 72, 7


def set_deadlines(apps, schema_editor):
    rules = apps.get_model("trainees", "CreditRule").objects
    rules.filter(category="concentrated").update(roll_hours=HOURS, roll_days=DAYS)


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0015_calling_off"),
        ("trainees", "0101_class_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RollReopening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("granted", "granted"), ("refused", "left closed")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                (
                    "word",
                    models.CharField(blank=True, max_length=200, verbose_name="word to the school"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered at"),
                ),
            ],
            options={
                "verbose_name": "reopening of a roll",
                "verbose_name_plural": "reopenings of rolls",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="creditrule",
            name="roll_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="days until a roll is closed"
            ),
        ),
        migrations.AddField(
            model_name="creditrule",
            name="roll_hours",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="hours until a roll is overdue"
            ),
        ),
        migrations.AddField(
            model_name="roll",
            name="closed_at",
            field=models.DateTimeField(null=True, verbose_name="closed at"),
        ),
        migrations.AddField(
            model_name="roll",
            name="reopened_at",
            field=models.DateTimeField(null=True, verbose_name="reopened at"),
        ),
        migrations.AddIndex(
            model_name="roll",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("state", "submitted")),
                fields=["submitted_at"],
                name="roll_to_close",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roll_days", None), ("roll_hours", None)),
                    models.Q(
                        ("roll_days__isnull", False),
                        ("roll_hours__gt", 0),
                        ("roll_hours__isnull", False),
                        ("roll_days__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="credit_rule_roll_deadlines",
                violation_error_message="The two deadlines of a roll go together, and are at least 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="roll",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("reopened_at", None)),
                    ("state", "submitted"),
                    _connector="OR",
                ),
                name="roll_closed_is_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="roll",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at", None), ("reopened_at", None), _connector="OR"),
                name="roll_closed_or_reopened",
            ),
        ),
        migrations.AddField(
            model_name="rollreopening",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answered by",
            ),
        ),
        migrations.AddField(
            model_name="rollreopening",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="rollreopening",
            name="roll",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reopenings",
                to="trainees.roll",
                verbose_name="roll",
            ),
        ),
        migrations.AddConstraint(
            model_name="rollreopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")),
                fields=("roll",),
                name="roll_reopening_one_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="rollreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="roll_reopening_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="rollreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                    models.Q(
                        models.Q(("answer", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="roll_reopening_answer_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="rollreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer", "refused"), ("word", ""), _negated=True),
                name="roll_reopening_refused_with_a_word",
            ),
        ),
        migrations.AddConstraint(
            model_name="rollreopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by", None),
                    models.Q(("answered_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="roll_reopening_answered_by_another",
            ),
        ),
        migrations.RunPython(set_deadlines, migrations.RunPython.noop),
    ]
