from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("trainees", "0006_rating_rule_of_classes")]

    operations = [
        ForbidChanges("trainees_attendancecorrection"),
        ForbidChanges("trainees_markreceipt"),
        ForbidChanges("trainees_markdismissal"),
    ]
