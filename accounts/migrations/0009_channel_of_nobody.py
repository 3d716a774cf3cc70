"""The channel of nobody signed in says more than the sign-in page. No change of the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_second_factor"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web page"),
                    ("admin", "administration"),
                    ("command", "command line"),
                    ("stranger", "web page, by nobody signed in"),
                    ("task", "scheduled task"),
                ],
                max_length=10,
                verbose_name="by way of",
            ),
        ),
    ]
