"""Why rows and imports are refused is a code with values; what was text stays readable as it was."""

from django.db import migrations, models

# Before: [[field, text], …]. Now: [[field, code, values], …].
ROWS = """
UPDATE trainees_registerrow SET problems = (
    SELECT jsonb_agg(jsonb_build_array(told -> 0, 'as_written', jsonb_build_object('text', told -> 1))
                     ORDER BY place)
    FROM jsonb_array_elements(problems) WITH ORDINALITY AS one(told, place))
WHERE problems <> '[]'
"""
# A code, which has no words there, is shown as it is.
ROWS_BACK = """
UPDATE trainees_registerrow SET problems = (
    SELECT jsonb_agg(jsonb_build_array(told -> 0, coalesce(told -> 2 -> 'text', told -> 1))
                     ORDER BY place)
    FROM jsonb_array_elements(problems) WITH ORDINALITY AS one(told, place))
WHERE problems <> '[]'
"""

IMPORTS = """
ALTER TABLE trainees_registerimport ALTER COLUMN problem TYPE jsonb USING
    CASE WHEN problem = '' THEN '[]'
         ELSE jsonb_build_array('as_written', jsonb_build_object('text', problem)) END
"""
IMPORTS_BACK = """
ALTER TABLE trainees_registerimport ALTER COLUMN problem TYPE varchar(500) USING
    left(coalesce(problem -> 1 ->> 'text', problem ->> 0, ''), 500)
"""


class Migration(migrations.Migration):
    dependencies = [("trainees", "0006_register_import")]

    operations = [
        migrations.RunSQL(ROWS, ROWS_BACK),
        migrations.RunSQL(
            IMPORTS,
            IMPORTS_BACK,
            state_operations=[
                migrations.AlterField(
                    "registerimport",
                    "problem",
                    models.JSONField(blank=True, default=list, verbose_name="problem"),
                ),
            ],
        ),
    ]
