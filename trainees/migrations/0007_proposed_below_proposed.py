import django.db.models.deletion
from django.db import migrations, models

# Without the column, what stands below a proposal has no place: its file is read again.
_DECIDE_ANEW = """
UPDATE trainees_registerimport SET state = 'reading'
WHERE state = 'ready' AND id IN (
    SELECT register_id FROM trainees_proposedorganisation WHERE is_ticked AND parent_id IS NULL
);
UPDATE trainees_proposedorganisation SET is_ticked = false WHERE parent_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_year_end_rule"),
        ("trainees", "0006_merged_years"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposedorganisation",
            name="parent_proposal",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="trainees.proposedorganisation",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="proposedorganisation",
            name="proposed_organisation_ticked_with_its_place",
        ),
        migrations.RunSQL(migrations.RunSQL.noop, _DECIDE_ANEW),
        migrations.AddConstraint(
            model_name="proposedorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_ticked", False),
                    models.Q(
                        models.Q(
                            ("parent__isnull", False),
                            ("parent_proposal__isnull", False),
                            _connector="OR",
                        ),
                        models.Q(("code", ""), _negated=True),
                        models.Q(("kind", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposed_organisation_ticked_with_its_place",
            ),
        ),
    ]
