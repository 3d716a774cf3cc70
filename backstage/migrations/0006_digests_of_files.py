from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backstage", "0005_channel_of_strangers"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="digest",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="digest"
            ),
        ),
    ]
