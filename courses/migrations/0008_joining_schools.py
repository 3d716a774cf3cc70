"""Schools that join a class, and that a school never joins its own."""

import django.db.models.deletion
from django.db import migrations, models

NOT_ITS_OWN = """
CREATE FUNCTION joining_school_is_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM courses_joiningschool j
        JOIN courses_trainingclass c ON c.id = j.training_class_id AND c.school_id = j.school_id
        WHERE (TG_TABLE_NAME = 'courses_joiningschool' AND j.id = NEW.id)
           OR (TG_TABLE_NAME = 'courses_trainingclass' AND c.id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'school % holds the class and does not join it', NEW.school_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'joining_school_is_another';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER joining_school_is_another AFTER INSERT OR UPDATE ON courses_joiningschool
    FOR EACH ROW EXECUTE FUNCTION joining_school_is_another();
CREATE TRIGGER joining_school_is_another AFTER UPDATE OF school_id ON courses_trainingclass
    FOR EACH ROW EXECUTE FUNCTION joining_school_is_another()
"""

UNDO_NOT_ITS_OWN = """
DROP TRIGGER joining_school_is_another ON courses_trainingclass;
DROP TRIGGER joining_school_is_another ON courses_joiningschool;
DROP FUNCTION joining_school_is_another()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_year_plans"),
        ("schools", "0003_year_end_rule"),
    ]

    operations = [
        migrations.CreateModel(
            name="JoiningSchool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "training_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="joining_schools",
                        to="courses.trainingclass",
                        verbose_name="training class",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "school that joins a class",
                "verbose_name_plural": "schools that join a class",
                "ordering": ["school__code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("training_class", "school"), name="joining_school_once_a_class"
                    )
                ],
            },
        ),
        migrations.RunSQL(NOT_ITS_OWN, UNDO_NOT_ITS_OWN),
    ]
