import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    """From the mergers that are kept, in their order."""
    School = apps.get_model("schools", "School")
    mergers = apps.get_model("schools", "SchoolSuccession").objects.filter(kind="merger")
    for former, successor in mergers.order_by("takes_effect_on", "pk").values_list(
        "former", "successor"
    ):
        kept = models.Q(pk=former) | models.Q(taken_over_by=former)
        School.objects.filter(kept).update(taken_over_by=successor)


class Migration(migrations.Migration):
    """The school that keeps the records of one that ended."""

    dependencies = [
        ("schools", "0008_successions"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="taken_over_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="taken over by",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        # What was filled in is checked at once: a constraint can't be added while checks wait.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="school",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_over_by", None),
                    models.Q(
                        ("period__endswith__isnull", False),
                        models.Q(("taken_over_by", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="school_taken_over_has_ended",
                violation_error_message="Only a school that ends is taken over by another one.",
            ),
        ),
    ]
