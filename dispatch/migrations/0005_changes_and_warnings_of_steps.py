"""Steps keep what a school changed with its answer, and the warnings they were taken in spite of."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0004_hours_in_steps")]

    operations = [
        migrations.AddField(
            model_name="bookingstep",
            name="changes",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                verbose_name="what was changed",
            ),
        ),
        migrations.AddField(
            model_name="bookingstep",
            name="warnings",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=500),
                blank=True,
                db_default=[],
                default=list,
                verbose_name="warnings",
            ),
        ),
    ]
