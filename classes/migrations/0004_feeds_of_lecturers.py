"""Lecturers have a calendar address of their own, as members do."""

import django.db.models.deletion
from django.db import migrations, models


def end_feeds_of_lecturers(apps, _schema_editor):
    """On the way back: addresses of lecturers, which the former table cannot hold."""
    apps.get_model("classes", "CalendarFeed").objects.filter(member=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0003_rating_rule"),
        ("instructors", "0006_home_and_initials"),
        ("trainees", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="calendarfeed",
            name="member",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calendar_feed",
                to="trainees.member",
                verbose_name="member",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, end_feeds_of_lecturers),
        migrations.AddField(
            model_name="calendarfeed",
            name="instructor",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calendar_feed",
                to="instructors.instructor",
                verbose_name="lecturer",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("instructor__isnull", False), ("member", None)),
                    models.Q(("instructor", None), ("member__isnull", False)),
                    _connector="OR",
                ),
                name="calendar_feed_of_a_member_or_a_lecturer",
            ),
        ),
    ]
