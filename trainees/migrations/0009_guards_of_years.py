from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("trainees", "0008_guards_of_studies")]

    operations = [
        ForbidChanges("trainees_issueddocument"),
        ForbidChanges("trainees_documentrevocation"),
    ]
