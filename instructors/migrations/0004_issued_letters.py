"""Papers of letters of appointment, which never change, and the revocation of a letter."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0005_channel_of_strangers"),
        ("instructors", "0003_letter_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IssuedLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("code_fingerprint", models.CharField(editable=False, max_length=64)),
                ("facts", models.JSONField(verbose_name="facts")),
                ("file_hash", models.CharField(max_length=64, verbose_name="hash of the file")),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("digest", models.CharField(editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "issued letter of appointment",
                "verbose_name_plural": "issued letters of appointment",
                "ordering": ["-issued_at", "-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="appointmentletter",
            name="appointment_letter_one_at_a_time",
        ),
        migrations.AddField(
            model_name="appointmentletter",
            name="revocation_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=200,
                verbose_name="reason of the revocation",
            ),
        ),
        migrations.AddField(
            model_name="appointmentletter",
            name="revoked_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="revoked at"
            ),
        ),
        migrations.AddField(
            model_name="appointmentletter",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="revoked by",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmentletter",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("revoked_at", None)),
                expressions=[("instructor", "="), ("period", "&&")],
                name="appointment_letter_one_at_a_time",
                violation_error_message="This lecturer has another letter of appointment on some of these days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmentletter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revocation_reason", ""), ("revoked_at", None), ("revoked_by", None)),
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("revoked_by__isnull", False),
                        models.Q(("revocation_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="appointment_letter_revoked_with_reason",
                violation_error_message="Say why the letter is revoked.",
            ),
        ),
        migrations.AddField(
            model_name="issuedletter",
            name="file",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="backstage.storedfile",
                verbose_name="file",
            ),
        ),
        migrations.AddField(
            model_name="issuedletter",
            name="issued_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="issued by",
            ),
        ),
        migrations.AddField(
            model_name="issuedletter",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="instructors.appointmentletter",
                verbose_name="letter of appointment",
            ),
        ),
        migrations.AddField(
            model_name="issuedletter",
            name="sheets",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="backstage.storedfile",
                verbose_name="letters together",
            ),
        ),
        migrations.AddConstraint(
            model_name="issuedletter",
            constraint=models.UniqueConstraint(
                fields=("letter", "version"), name="issued_letter_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuedletter",
            constraint=models.UniqueConstraint(
                fields=("code_fingerprint",), name="issued_letter_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuedletter",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="issued_letter_counts_from_one"
            ),
        ),
        ForbidChanges("instructors_issuedletter"),
    ]
