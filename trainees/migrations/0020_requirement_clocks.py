from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trainees", "0014_member_merges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="requirementrule",
            name="requirement_rule_hours_in_steps",
        ),
        migrations.AddField(
            model_name="member",
            name="full_member_on",
            field=models.DateField(
                blank=True,
                help_text="The day on which probation ended; nothing is written while it is not known.",
                null=True,
                verbose_name="full member since",
            ),
        ),
        migrations.AddField(
            model_name="registerrow",
            name="full_member_on",
            field=models.DateField(null=True, verbose_name="full member since"),
        ),
        migrations.AddField(
            model_name="requirementrule",
            name="pro_rata",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="District rule: for a part of the year a twelfth for each whole month, rounded to half an hour. Without it everybody owes the full hours.",
                verbose_name="pro rata by month",
            ),
        ),
        migrations.AddField(
            model_name="requirementrule",
            name="within_months",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Only for new secretaries and new members, who owe trainings and no hours.",
                null=True,
                verbose_name="within months",
            ),
        ),
        migrations.AlterField(
            model_name="registerheader",
            name="field",
            field=models.CharField(
                choices=[
                    ("organisation", "Party organisation"),
                    ("name", "name"),
                    ("resident_id", "resident ID number"),
                    ("number", "member number"),
                    ("sex", "sex"),
                    ("birth_date", "date of birth"),
                    ("phone", "phone"),
                    ("joined_on", "joined the Party on"),
                    ("full_member_on", "full member since"),
                    ("standing", "standing"),
                    ("post", "post"),
                    ("ignored", "not used"),
                ],
                max_length=20,
                verbose_name="means",
            ),
        ),
        migrations.AlterField(
            model_name="requirementrule",
            name="concentrated_trainings",
            field=models.PositiveSmallIntegerField(
                default=0, verbose_name="concentrated trainings"
            ),
        ),
        migrations.AlterField(
            model_name="requirementrule",
            name="group",
            field=models.CharField(
                choices=[
                    ("leading_post", "secretaries and committee members"),
                    ("every_member", "every member"),
                    ("new_secretary", "newly appointed secretaries"),
                    ("probationary", "probationary members"),
                    ("new_full_member", "new full members"),
                ],
                max_length=20,
                verbose_name="applies to",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("full_member_on__isnull", True),
                    ("joined_on__isnull", True),
                    ("full_member_on__gte", models.F("joined_on")),
                    _connector="OR",
                ),
                name="member_is_full_after_joining",
                violation_error_message="Nobody is a full member before joining the Party.",
            ),
        ),
        migrations.AddConstraint(
            model_name="requirementrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True)),
                name="requirement_rule_hours_in_steps",
                violation_error_message="Credit hours go in steps of 0.25.",
            ),
        ),
        migrations.AddConstraint(
            model_name="requirementrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__in", ("leading_post", "every_member")), _negated=True),
                    models.Q(("hours__gt", 0), ("within_months__isnull", True)),
                    _connector="OR",
                ),
                name="requirement_rule_of_a_year_has_hours",
                violation_error_message="What is owed in a year is a number of hours above 0, and has no months.",
            ),
        ),
        migrations.AddConstraint(
            model_name="requirementrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("group__in", ("leading_post", "every_member")),
                    models.Q(
                        ("concentrated_trainings__gt", 0),
                        ("hours", 0),
                        ("within_months__gt", 0),
                        ("within_months__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="requirement_rule_of_a_clock_has_months",
                violation_error_message="New secretaries and new members owe trainings within some months, and 0 hours.",
            ),
        ),
    ]
