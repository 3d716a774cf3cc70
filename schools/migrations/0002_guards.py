from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_initial")]

    operations = [
        ForbidChanges("schools_guidancenote"),
    ]
