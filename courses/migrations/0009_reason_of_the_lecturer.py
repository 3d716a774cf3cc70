"""A session keeps why a school took its lecturer in spite of what spoke against it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0008_joining_schools")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="lecturer_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Only where something speaks against the lecturer at this time.",
                max_length=200,
                verbose_name="why this lecturer",
            ),
        ),
    ]
