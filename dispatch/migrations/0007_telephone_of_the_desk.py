"""Lecturers read beside a proposal whom to call."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0006_venues_kept_for_the_next_lecturer"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingrule",
            name="telephone",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Lecturers read it beside a proposal.",
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[\\d +-]{5,}$", "Digits, spaces and hyphens only, as in 022-27391234."
                    )
                ],
                verbose_name="telephone of the dispatch desk",
            ),
        ),
    ]
