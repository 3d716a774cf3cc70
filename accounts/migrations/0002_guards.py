from django.db import migrations

from config.lib.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        ForbidChanges("accounts_auditentry"),
        ForbidChanges("accounts_noticereading"),
    ]
