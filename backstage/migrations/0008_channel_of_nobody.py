"""The channel of nobody signed in says more than the sign-in page. No change of the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0007_outbox"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web page"),
                    ("admin", "administration"),
                    ("command", "command line"),
                    ("stranger", "web page, by nobody signed in"),
                    ("task", "scheduled task"),
                ],
                db_default="task",
                default="task",
                max_length=10,
                verbose_name="by way of",
            ),
        ),
    ]
