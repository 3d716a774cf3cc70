"""Hours of results go in steps of 0.25, as those that they are added up from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0012_quarter_steps"),
        ("quotas", "0007_results_checked_at_once"),
        ("schools", "0005_closed_years"),
        ("trainees", "0008_closed_years"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="memberresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owed__in_quarters", True),
                    ("done__in_quarters", True),
                    ("concentrated__in_quarters", True),
                    ("collective__in_quarters", True),
                ),
                name="member_result_quarter_steps",
            ),
        ),
    ]
