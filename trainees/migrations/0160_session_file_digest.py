"""A file is kept once per session, told by the digest of what was sent; older rows have none."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0040_files_are_kept"),
        ("courses", "0015_calling_off"),
        ("trainees", "0150_enrolment_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="sessionfile",
            name="digest",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="sessionfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest", ""), _negated=True),
                fields=("session", "digest"),
                name="session_file_once_per_session",
                violation_error_message="This file is there already.",
            ),
        ),
    ]
