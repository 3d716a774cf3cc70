from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("trainees", "0007_guards_of_rolls")]

    operations = [
        ForbidChanges("trainees_studysubmission"),
        ForbidChanges("trainees_studyreview"),
        ForbidChanges("trainees_studyparticipantcorrection"),
    ]
