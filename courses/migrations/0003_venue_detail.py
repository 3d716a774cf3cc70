import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import config.lib.periods


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0002_modules"),
    ]

    operations = [
        migrations.AddField(
            model_name="venue",
            name="address",
            field=models.CharField(blank=True, max_length=120, verbose_name="postal address"),
        ),
        migrations.AddField(
            model_name="venue",
            name="contact",
            field=models.CharField(blank=True, max_length=40, verbose_name="contact person"),
        ),
        migrations.AddField(
            model_name="venue",
            name="kind",
            field=models.CharField(
                choices=[
                    ("venue", "classroom venue"),
                    ("teaching_point", "on-site teaching point"),
                ],
                default="venue",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="period",
            field=config.lib.periods.PeriodField(null=True, verbose_name="open"),
        ),
        migrations.AddField(
            model_name="venue",
            name="telephone",
            field=models.CharField(
                blank=True,
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[\\d +-]{5,}$", "Digits, spaces and hyphens only, as in 022-27391234."
                    )
                ],
                verbose_name="telephone",
            ),
        ),
        migrations.CreateModel(
            name="Equipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("video_conferencing", "video conferencing"),
                            ("projector", "projector"),
                            ("sound", "sound system"),
                            ("flag", "Party flag"),
                            ("oath", "oath of admission on the wall"),
                            ("plaque", "plaque"),
                            ("books", "books and magazines"),
                            ("phone_pockets", "phone pockets"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("count", models.PositiveSmallIntegerField(verbose_name="count")),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="equipment",
                        to="courses.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "equipment",
                "verbose_name_plural": "equipment",
                "ordering": ["venue", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue", "kind"), name="equipment_once_per_venue"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__gt", 0)), name="equipment_is_there"
                    ),
                ],
            },
        ),
    ]
