"""Evidence of sessions: photographs and the signed sheet; walk-ins."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0040_files_are_kept"),
        ("courses", "0006_class_set_up"),
        ("trainees", "0090_mark_receipts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("photo", "photograph"),
                            ("sheet", "sign-in sheet"),
                            ("certificate", "certificate or screenshot"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backstage.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="courses.session",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence of a session",
                "verbose_name_plural": "evidence of sessions",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("photo", "sheet"))),
                        name="session_file_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WalkIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name as written")),
                (
                    "organisation_name",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="organisation as written"
                    ),
                ),
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
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "matched_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="matched at"),
                ),
                (
                    "matched_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="matched by",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="walk_ins",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="walk_ins",
                        to="courses.session",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "walk-in",
                "verbose_name_plural": "walk-ins",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("member", None)),
                        fields=["session"],
                        name="walk_in_unmatched",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="walk_in_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ("present", "late"))),
                        name="walk_in_attended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("matched_at", None), ("matched_by", None), ("member", None)),
                            models.Q(
                                ("matched_at__isnull", False),
                                ("matched_by__isnull", False),
                                ("member__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="walk_in_match_is_signed",
                    ),
                    models.UniqueConstraint(
                        fields=("session", "member"),
                        name="walk_in_member_once_per_session",
                        violation_error_message="This member is a walk-in of this session already.",
                    ),
                ],
            },
        ),
    ]
