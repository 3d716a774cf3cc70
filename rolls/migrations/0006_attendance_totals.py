"""Totals of attendances, and the triggers that say of whom they are out of date.

Each change of what they rest on writes the members into a `BalanceChange`, in its own transaction:
their totals are settled with their balances. Statement by statement: a roll of three hundred writes
one row.
"""

import django.db.models.deletion
from django.db import migrations, models

# The row of each mark of somebody who attended, and the row that it is merged into.
_PEOPLE = """
    LEFT JOIN trainees_member given_up
           ON given_up.id = mark.member_id AND given_up.merged_into_id IS NOT NULL
    CROSS JOIN LATERAL unnest(ARRAY[mark.member_id, given_up.merged_into_id]) person (id)
    WHERE person.id IS NOT NULL AND mark.status IN ('present', 'late')"""
_EVENTS = {
    "INSERT": ("SELECT * FROM new_rows", "NEW TABLE AS new_rows"),
    "UPDATE": (
        "SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows",
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    ),
    "DELETE": ("SELECT * FROM old_rows", "OLD TABLE AS old_rows"),
}
# Marks of a draft are in no total.
_MARKS = f"""
CREATE FUNCTION rolls_attendance_{{name}}_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (year, members)
    SELECT extract(year FROM session.held_on), array_agg(DISTINCT person.id)
    FROM ({{rows}}) mark
    JOIN classes_roll roll ON roll.session_id = mark.session_id AND roll.state = 'submitted'
    JOIN courses_session session ON session.id = mark.session_id{_PEOPLE}
    GROUP BY 1;
    RETURN NULL;
END $$;
CREATE TRIGGER rolls_attendance_{{name}}_changes_totals AFTER {{event}} ON rolls_attendance
    REFERENCING {{names}}
    FOR EACH STATEMENT EXECUTE FUNCTION rolls_attendance_{{name}}_changes_totals()
"""  # noqa: S608 - fixed text, no input
_FORGET_MARKS = """
DROP TRIGGER rolls_attendance_{name}_changes_totals ON rolls_attendance;
DROP FUNCTION rolls_attendance_{name}_changes_totals()
"""

_ROLLS = f"""
CREATE FUNCTION rolls_note_marks(of_year smallint, sessions bigint[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO hours_balancechange (year, members)
    SELECT of_year, array_agg(DISTINCT person.id)
    FROM rolls_attendance mark{_PEOPLE} AND mark.session_id = ANY(sessions)
    HAVING count(*) > 0
$$;
CREATE FUNCTION classes_roll_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state, OLD.session_id) = (NEW.state, NEW.session_id) THEN
        RETURN NULL;
    END IF;
    PERFORM rolls_note_marks(extract(year FROM session.held_on)::smallint, ARRAY[session.id])
    FROM courses_session session WHERE session.id IN (OLD.session_id, NEW.session_id);
    RETURN NULL;
END $$;
CREATE TRIGGER classes_roll_changes_totals
    AFTER INSERT OR DELETE OR UPDATE OF state, session_id ON classes_roll
    FOR EACH ROW EXECUTE FUNCTION classes_roll_changes_totals();
CREATE FUNCTION courses_session_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rolls_note_marks(NULL, ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER courses_session_changes_totals AFTER UPDATE OF held_on, training_class_id
    ON courses_session FOR EACH ROW
    WHEN ((OLD.held_on, OLD.training_class_id)
          IS DISTINCT FROM (NEW.held_on, NEW.training_class_id))
    EXECUTE FUNCTION courses_session_changes_totals();
CREATE FUNCTION courses_trainingclass_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rolls_note_marks(
        NULL, ARRAY(SELECT id FROM courses_session WHERE training_class_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER courses_trainingclass_changes_totals AFTER UPDATE OF school_id
    ON courses_trainingclass FOR EACH ROW WHEN (OLD.school_id IS DISTINCT FROM NEW.school_id)
    EXECUTE FUNCTION courses_trainingclass_changes_totals()
"""  # noqa: S608 - fixed text, no input
_FORGET_ROLLS = """
DROP TRIGGER courses_trainingclass_changes_totals ON courses_trainingclass;
DROP FUNCTION courses_trainingclass_changes_totals();
DROP TRIGGER courses_session_changes_totals ON courses_session;
DROP FUNCTION courses_session_changes_totals();
DROP TRIGGER classes_roll_changes_totals ON classes_roll;
DROP FUNCTION classes_roll_changes_totals();
DROP FUNCTION rolls_note_marks(smallint, bigint[])
"""

# Who holds the hours of a mark.
_MERGES = """
CREATE FUNCTION trainees_member_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (members) VALUES
        (array_remove(ARRAY[NEW.id, OLD.merged_into_id, NEW.merged_into_id], NULL));
    RETURN NULL;
END $$;
CREATE TRIGGER trainees_member_changes_totals AFTER UPDATE OF merged_into_id, merged_year
    ON trainees_member FOR EACH ROW
    WHEN ((OLD.merged_into_id, OLD.merged_year)
          IS DISTINCT FROM (NEW.merged_into_id, NEW.merged_year))
    EXECUTE FUNCTION trainees_member_changes_totals();
CREATE FUNCTION trainees_membermerge_changes_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (members) VALUES (ARRAY[NEW.given_up_id, NEW.kept_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER trainees_membermerge_changes_totals AFTER INSERT OR UPDATE ON trainees_membermerge
    FOR EACH ROW WHEN (NEW.until_year IS NOT NULL)
    EXECUTE FUNCTION trainees_membermerge_changes_totals()
"""
_FORGET_MERGES = """
DROP TRIGGER trainees_membermerge_changes_totals ON trainees_membermerge;
DROP FUNCTION trainees_membermerge_changes_totals();
DROP TRIGGER trainees_member_changes_totals ON trainees_member;
DROP FUNCTION trainees_member_changes_totals()
"""

# Until the next settling everybody is counted live: no total stands yet.
_COUNT = """
INSERT INTO hours_balancechange (members)
SELECT NULL WHERE EXISTS (SELECT FROM hours_balanceyear)
"""


def _note_marks(event):
    rows, names = _EVENTS[event]
    name = event.lower()
    make = _MARKS.format(name=name, event=event, rows=rows, names=names)
    return migrations.RunSQL(make, _FORGET_MARKS.format(name=name))


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0012_quarter_steps"),
        ("rolls", "0005_roll_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttendanceTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("times", models.PositiveIntegerField(verbose_name="times attended")),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="trainees.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="schools.organisation",
                        verbose_name="Party organisation",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "total of attendances",
                "verbose_name_plural": "totals of attendances",
                "indexes": [
                    models.Index(fields=["member", "year"], name="attendance_total_of_member")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year", "school", "member", "organisation"),
                        include=("times",),
                        name="attendance_total_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("times__gt", 0)), name="attendance_total_is_of_some"
                    ),
                ],
            },
        ),
        *map(_note_marks, _EVENTS),
        migrations.RunSQL(_ROLLS, _FORGET_ROLLS),
        migrations.RunSQL(_MERGES, _FORGET_MERGES),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
