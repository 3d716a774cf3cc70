"""Why a session is worth more hours than usual. A column with a database default."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_presets")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="hours_reason",
            field=models.CharField(
                blank=True,
                default="",
                db_default="",
                help_text="Only where it is worth more than the presets give for its time.",
                max_length=200,
                verbose_name="why more hours than usual",
            ),
        ),
    ]
