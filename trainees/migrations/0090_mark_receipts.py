"""Marks received from devices, so that each is taken once however often it is sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_class_set_up"),
        ("trainees", "0080_rosters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MarkReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(verbose_name="number of the mark")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("present", "present"),
                            ("late", "late"),
                            ("on_leave", "on leave"),
                            ("absent", "absent"),
                        ],
                        max_length=10,
                        verbose_name="attendance",
                    ),
                ),
                (
                    "seen",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("present", "present"),
                            ("late", "late"),
                            ("on_leave", "on leave"),
                            ("absent", "absent"),
                        ],
                        max_length=10,
                        verbose_name="seen before",
                    ),
                ),
                ("device_at", models.DateTimeField(verbose_name="time of the device")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "saved"),
                            ("conflict", "somebody else marked differently"),
                            ("refused", "not accepted"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("submitted", "The roll was submitted before this mark arrived."),
                            ("not_on_roster", "This person is not on the roster of the session."),
                            ("used", "A mark with this number arrived before with other content."),
                        ],
                        max_length=15,
                        verbose_name="reason",
                    ),
                ),
                (
                    "stood",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("present", "present"),
                            ("late", "late"),
                            ("on_leave", "on leave"),
                            ("absent", "absent"),
                        ],
                        max_length=10,
                        verbose_name="stood already",
                    ),
                ),
                ("stood_by", models.CharField(blank=True, max_length=80, verbose_name="marked by")),
                ("stood_at", models.DateTimeField(null=True, verbose_name="marked at")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "received_from",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="received from",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mark_receipts",
                        to="courses.session",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "mark received from a device",
                "verbose_name_plural": "marks received from devices",
                "ordering": ["-received_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "key"), name="mark_receipt_once_per_session"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "refused"), models.Q(("refusal", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("outcome", "refused"), _negated=True), ("refusal", "")
                            ),
                            _connector="OR",
                        ),
                        name="mark_receipt_refusal_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "conflict"),
                                ("stood_at__isnull", False),
                                models.Q(("stood", ""), _negated=True),
                                models.Q(("stood", models.F("status")), _negated=True),
                            ),
                            models.Q(
                                models.Q(("outcome", "conflict"), _negated=True),
                                ("stood", ""),
                                ("stood_at__isnull", True),
                                ("stood_by", ""),
                            ),
                            _connector="OR",
                        ),
                        name="mark_receipt_conflict_names_the_other_mark",
                    ),
                ],
            },
        ),
        ForbidChanges("trainees_markreceipt"),
    ]
