from django.db import migrations, models


class Migration(migrations.Migration):
    """The columns go: nothing reads them any more."""

    dependencies = [
        ("schools", "0003_copy_places"),
    ]

    operations = [
        migrations.RemoveField(model_name="organisation", name="parent"),
        migrations.RemoveField(model_name="organisation", name="township"),
        migrations.RemoveField(model_name="organisation", name="village"),
        migrations.AlterField(
            model_name="organisation",
            name="name_pinyin",
            field=models.CharField(editable=False, max_length=700),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="name_initials",
            field=models.CharField(editable=False, max_length=200),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(
                fields=["name_initials"],
                name="organisation_initials_prefix",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
