from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_guesses")]

    operations = [
        ValidateConstraint(model_name="auditentry", name="audit_entry_names_who_acted"),
    ]
