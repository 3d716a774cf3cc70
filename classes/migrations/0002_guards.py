from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("classes", "0001_initial")]

    operations = [
        ForbidChanges("classes_supervisionnote"),
    ]
