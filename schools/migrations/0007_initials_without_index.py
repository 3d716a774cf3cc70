from django.db import migrations


class Migration(migrations.Migration):
    """No search asks how initials begin: an organisation's begin with the township's."""

    dependencies = [
        ("schools", "0006_role_scopes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="organisation", name="organisation_initials_prefix"),
    ]
