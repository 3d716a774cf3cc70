from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("years", "0001_initial")]

    operations = [
        ForbidChanges("years_issueddocument"),
        ForbidChanges("years_documentrevocation"),
    ]
