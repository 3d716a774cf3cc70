"""Evidence is kept as long as the row that names it: a file need not expire."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0002_jobs_and_files"),
    ]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="expires_at",
            field=models.DateTimeField(db_index=True, null=True, verbose_name="expires at"),
        ),
    ]
