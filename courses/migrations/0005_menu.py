"""What the menu says of a course: format, audiences, tasks, and the days on which it is offered.

Columns with database defaults: what stands in the menu is for everybody and offered since 2019.
"""

from datetime import date

import django.contrib.postgres.fields
from django.db import migrations, models

import config.lib.periods
import courses.models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0004_reason_of_session_hours"),
        ("instructors", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="course",
            name="audiences",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("secretaries", "secretary"),
                        ("affairs_workers", "Party-affairs worker"),
                        ("ordinary", "ordinary member"),
                    ],
                    max_length=20,
                ),
                blank=True,
                db_default=[],
                default=list,
                verbose_name="audiences",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="format",
            field=models.CharField(
                blank=True,
                choices=[
                    ("micro_lecture", "micro-lecture"),
                    ("pack", "4-hour pack"),
                    ("evening", "evening class"),
                    ("intensive", "intensive class"),
                ],
                db_default="",
                default="",
                max_length=20,
                verbose_name="format",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="period",
            field=config.lib.periods.PeriodField(
                db_default=config.lib.periods.period(date(2019, 1, 1)),
                default=courses.models.since_first_year,
                verbose_name="offered",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="tasks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("first", "first political task: arming the Party with the new thought"),
                        ("theory", "education in political theory"),
                        ("politics", "political education and training"),
                        (
                            "discipline",
                            "education in the Party's constitution, rules and discipline",
                        ),
                        ("purpose", "education in the Party's purpose"),
                        ("tradition", "education in revolutionary tradition"),
                        ("situation", "education in situation and policy"),
                        ("skills", "education in knowledge and skills"),
                    ],
                    max_length=20,
                ),
                blank=True,
                db_default=[],
                default=list,
                verbose_name="tasks of the regulation",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("audiences__contained_by", ["secretaries", "affairs_workers", "ordinary"])
                ),
                name="course_audiences_are_known",
                violation_error_message="A course is for audiences that the district has.",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "tasks__contained_by",
                        [
                            "first",
                            "theory",
                            "politics",
                            "discipline",
                            "purpose",
                            "tradition",
                            "situation",
                            "skills",
                        ],
                    )
                ),
                name="course_tasks_are_known",
                violation_error_message="A course serves tasks of the regulation.",
            ),
        ),
    ]
