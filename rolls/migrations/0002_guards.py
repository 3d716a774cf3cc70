from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("rolls", "0001_initial")]

    operations = [
        ForbidChanges("rolls_attendancecorrection"),
        ForbidChanges("rolls_markreceipt"),
        ForbidChanges("rolls_markdismissal"),
    ]
