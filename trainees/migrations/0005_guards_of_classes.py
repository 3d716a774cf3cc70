from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("trainees", "0004_guards_of_hours")]

    operations = [
        ForbidChanges("trainees_supervisionnote"),
    ]
