from django.db import migrations

from config.lib.versions import KeepVersions


class Migration(migrations.Migration):
    dependencies = [("trainees", "0001_initial")]

    operations = [
        KeepVersions("trainees_membership", "member_id"),
        KeepVersions("trainees_post", "member_id"),
        KeepVersions("trainees_exemption", "member_id"),
    ]
