"""A credit rule may say how many hours one piece of study is worth at most."""

from django.db import migrations, models

import config.lib.hours


class Migration(migrations.Migration):
    dependencies = [("hours", "0003_guards")]

    operations = [
        migrations.AddField(
            model_name="creditrule",
            name="piece_cap",
            field=config.lib.hours.HoursField(
                blank=True,
                decimal_places=2,
                help_text="However long it lasted that day. Without it only its minutes or steps "
                "count.",
                max_digits=6,
                null=True,
                verbose_name="most credit hours of one piece of study",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("piece_cap__isnull", True),
                    models.Q(("piece_cap__in_quarters", True), ("piece_cap__gt", 0)),
                    _connector="OR",
                ),
                name="credit_rule_piece_cap_in_steps",
                violation_error_message="A cap is above 0 and goes in steps of 0.25.",
            ),
        ),
    ]
