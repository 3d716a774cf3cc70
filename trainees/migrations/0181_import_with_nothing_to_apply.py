"""An import that would write nothing ends by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trainees", "0180_one_merge_per_pair")]

    operations = [
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "UPDATE trainees_registerimport SET state = 'discarded' WHERE state = 'nothing'",
        ),
        migrations.AlterField(
            model_name="registerimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "being read"),
                    ("unmapped", "columns to be explained"),
                    ("ready", "to be checked"),
                    ("applied", "applied"),
                    ("nothing", "over, nothing to apply"),
                    ("unreadable", "could not be read"),
                    ("discarded", "discarded"),
                ],
                default="reading",
                max_length=12,
                verbose_name="state",
            ),
        ),
    ]
