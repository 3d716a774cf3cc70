"""What was stored of members of whom a register says nothing new; without it, it is read again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trainees", "0050_disputes"),
    ]

    operations = [
        migrations.AddField(
            model_name="registerimport",
            name="unchanged_digest",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=40
            ),
        ),
    ]
