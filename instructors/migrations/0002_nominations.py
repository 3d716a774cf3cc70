"""Nominations of backbone lecturers: a school nominates, the organisation department decides."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("instructors", "0001_initial"),
        ("schools", "0003_year_end_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Nomination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "title",
                    models.CharField(
                        choices=[
                            ("none", "no title"),
                            ("associate_professor", "associate-professor level"),
                            ("professor", "professor level"),
                            ("academician", "academician or national expert"),
                        ],
                        default="none",
                        max_length=20,
                        verbose_name="professional title",
                    ),
                ),
                ("employer", models.CharField(max_length=100, verbose_name="employer")),
                ("reasons", models.TextField(max_length=1000, verbose_name="reasons")),
                ("nominated_at", models.DateTimeField(verbose_name="nominated at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for the organisation department"),
                            ("appointed", "appointed"),
                            ("declined", "declined"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "instructor",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nomination",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
                (
                    "nominated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="nominated by",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "nomination",
                "verbose_name_plural": "nominations",
                "ordering": ["-nominated_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reasons", ""), _negated=True),
                        name="nomination_gives_reasons",
                        violation_error_message="Say why this person should teach.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("school", "name", "employer"),
                        name="nomination_waits_once",
                        violation_error_message="This person is nominated already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("nominated_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nomination_by_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user", None),
                            models.Q(
                                models.Q(("user", models.F("nominated_by")), _negated=True),
                                models.Q(
                                    ("decided_by", None),
                                    models.Q(("user", models.F("decided_by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="nomination_by_nobody_who_is_nominated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "waiting")
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("decided_at__gte", models.F("nominated_at")),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="nomination_decision_is_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "declined"), models.Q(("reason", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("state", "declined"), _negated=True), ("reason", "")
                            ),
                            _connector="OR",
                        ),
                        name="nomination_declined_with_reason",
                        violation_error_message="Say why the nomination is declined.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("instructor__isnull", False), ("state", "appointed")),
                            models.Q(
                                models.Q(("state", "appointed"), _negated=True),
                                ("instructor", None),
                            ),
                            _connector="OR",
                        ),
                        name="nomination_appointed_is_a_lecturer",
                    ),
                ],
            },
        ),
    ]
