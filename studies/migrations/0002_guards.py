from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("studies", "0001_initial")]

    operations = [
        ForbidChanges("studies_studysubmission"),
        ForbidChanges("studies_studyreview"),
        ForbidChanges("studies_studyparticipantcorrection"),
    ]
