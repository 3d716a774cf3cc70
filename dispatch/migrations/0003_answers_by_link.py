"""Lecturers without an account answer by a signed link."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_year_plans"),
        ("dispatch", "0002_rule_and_guards"),
        ("instructors", "0006_home_and_initials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="engagement",
            name="engagement_answer_is_signed",
        ),
        migrations.AddField(
            model_name="engagement",
            name="answered_by_link",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="answered by the signed link"
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("state__in", ["accepted", "declined"]),
                        models.Q(
                            models.Q(("answered_by__isnull", False), ("answered_by_link", False)),
                            models.Q(("answered_by", None), ("answered_by_link", True)),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        models.Q(("state__in", ["accepted", "declined"]), _negated=True),
                        ("answered_at", None),
                        ("answered_by", None),
                        ("answered_by_link", False),
                    ),
                    _connector="OR",
                ),
                name="engagement_answer_is_signed",
            ),
        ),
    ]
