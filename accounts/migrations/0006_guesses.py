from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# A failed sign-in has nobody known who acted. Entries of strangers stay when this goes back.
DROP = "ALTER TABLE accounts_auditentry DROP CONSTRAINT audit_entry_names_its_actor"
RESTORE = """
ALTER TABLE accounts_auditentry ADD CONSTRAINT audit_entry_names_its_actor
CHECK (actor_id IS NOT NULL OR channel IN ('command', 'task')) NOT VALID
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_unseen_slips")]

    operations = [
        migrations.CreateModel(
            name="Guess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign_in", "password at sign-in"),
                            ("own_password", "current password"),
                            ("second_factor", "code of the second factor"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("network", models.GenericIPAddressField(null=True, verbose_name="network")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "failed sign-in",
                "verbose_name_plural": "failed sign-ins",
                "indexes": [
                    models.Index(fields=["fingerprint", "at"], name="guess_fingerprint"),
                    models.Index(fields=["network", "at"], name="guess_network"),
                    models.Index(fields=["at"], name="guess_at"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web page"),
                    ("admin", "administration"),
                    ("command", "command line"),
                    ("stranger", "sign-in page, by nobody known"),
                    ("task", "scheduled task"),
                ],
                max_length=10,
                verbose_name="by way of",
            ),
        ),
        AddConstraintNotValid(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("actor__isnull", False),
                    ("channel__in", ["command", "task", "stranger"]),
                    _connector="OR",
                ),
                name="audit_entry_names_who_acted",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(DROP, RESTORE)],
            [
                migrations.RemoveConstraint(
                    model_name="auditentry", name="audit_entry_names_its_actor"
                )
            ],
        ),
    ]
