from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built beside the acts of the day, which go on writing the trail."""

    atomic = False

    dependencies = [("accounts", "0005_privacy_notice")]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["actor_name", "-at"], name="audit_entry_name_then")
        ),
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["act", "-at"], name="audit_entry_act")
        ),
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["object_id"], name="audit_entry_number")
        ),
        AddIndexConcurrently(
            "auditentry",
            GinIndex(
                fields=["object_label"], name="audit_entry_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
