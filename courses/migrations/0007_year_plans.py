"""The plans of schools for a year. A new table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_course_materials"),
        ("schools", "0003_year_end_rule"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlannedCourse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("month", models.PositiveSmallIntegerField(verbose_name="month")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                (
                    "times",
                    models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="times"),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned_courses",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "course of a year's plan",
                "verbose_name_plural": "courses of year plans",
                "ordering": ["year", "month", "course__code", "audience"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "year", "month", "course", "audience"),
                        name="planned_course_once_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="planned_course_in_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("times__gte", 1), ("times__lte", 99)),
                        name="planned_course_some_times",
                    ),
                ],
            },
        ),
    ]
