"""The rule of the door goes to the app of members and rolls, with its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0040_one_session_of_a_class_at_a_time"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("DoorRule", "trainees_doorrule")],
            state_operations=[migrations.DeleteModel("DoorRule")],
        ),
    ]
