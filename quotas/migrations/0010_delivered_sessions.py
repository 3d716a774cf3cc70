"""Sessions of closed years are frozen: for years that are closed already, and from now on."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import config.lib.hours
from config.lib.append_only import ForbidChanges

# The statement of `quotas/queries/deliveries.py` as it was when this table came.
_BACKFILL = """
INSERT INTO quotas_deliveredsession (
    reconciliation_id, session_id, training_class_id, school_id, held_on, audience, module_id,
    strand, tasks, format, mode, corps, programme_id, taught, hours, members)
SELECT run.id, session.id, class.id, class.school_id, session.held_on, class.audience,
       class.module_id, course.strand, course.tasks, class.format, class.mode, coalesce(instructor.corps, ''),
       class.programme_id, session.hours,
       coalesce((SELECT sum(entry.hours) FROM classes_roll roll
                 JOIN hours_assessment assessment ON assessment.source_id = roll.source_id
                 JOIN hours_creditentry entry ON entry.assessment_id = assessment.id
                 WHERE roll.session_id = session.id), 0),
       ARRAY(SELECT mark.member_id FROM rolls_attendance mark
             JOIN classes_roll roll ON roll.session_id = mark.session_id
                                   AND roll.state = 'submitted'
             WHERE mark.session_id = session.id AND mark.status IN ('present', 'late')
             ORDER BY mark.member_id)
FROM quotas_reconciliation run
JOIN schools_yearlock locked ON locked.id = run.lock_id AND locked.released_at IS NULL
JOIN courses_session session
     ON session.held_on >= make_date(run.year, 1, 1) AND session.held_on <= make_date(run.year, 12, 31)
    AND session.called_off_at IS NULL AND session.ends_at <= run.started_at
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN courses_course course ON course.id = session.course_id
LEFT JOIN instructors_instructor instructor ON instructor.id = session.instructor_id
WHERE run.state = 'computed'
"""
_GUARD = """
CREATE FUNCTION delivered_session_comes_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows JOIN quotas_reconciliation run ON run.id = reconciliation_id
        WHERE run.lock_id IS NULL OR run.state <> 'running') THEN
        RAISE EXCEPTION 'sessions are frozen while a final reconciliation runs'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivered_session_comes_in_time';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER delivered_session_comes_in_time AFTER INSERT ON quotas_deliveredsession
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION delivered_session_comes_in_time()
"""
_UNGUARD = """
DROP TRIGGER delivered_session_comes_in_time ON quotas_deliveredsession;
DROP FUNCTION delivered_session_comes_in_time()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0004_feeds_of_lecturers"),
        ("hours", "0011_closed_years"),
        ("instructors", "0006_home_and_initials"),
        ("rolls", "0005_roll_reminders"),
        ("courses", "0008_joining_schools"),
        ("quotas", "0009_claim_lines_fit_measures"),
        ("schools", "0005_closed_years"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliveredSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="date")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                (
                    "strand",
                    models.CharField(
                        choices=[
                            ("theory", "political theory"),
                            ("practice", "grassroots practice"),
                            ("role_models", "role models"),
                        ],
                        max_length=20,
                        verbose_name="strand",
                    ),
                ),
                (
                    "tasks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                (
                                    "first",
                                    "first political task: arming the Party with the new thought",
                                ),
                                ("theory", "education in political theory"),
                                ("politics", "political education and training"),
                                (
                                    "discipline",
                                    "education in the Party's constitution, rules and discipline",
                                ),
                                ("purpose", "education in the Party's purpose"),
                                ("tradition", "education in revolutionary tradition"),
                                ("situation", "education in situation and policy"),
                                ("skills", "education in knowledge and skills"),
                            ],
                            max_length=20,
                        ),
                        verbose_name="tasks of the regulation",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("micro_lecture", "micro-lecture"),
                            ("pack", "4-hour pack"),
                            ("evening", "evening class"),
                            ("intensive", "intensive class"),
                        ],
                        max_length=20,
                        verbose_name="format",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("on_site", "on site"),
                            ("online", "online"),
                            ("mobile_hall", "mobile lecture hall"),
                            ("outreach", "outreach teaching"),
                            ("hybrid", "on site and online at once"),
                        ],
                        max_length=20,
                        verbose_name="mode",
                    ),
                ),
                (
                    "corps",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lead_study", "lead-study corps"),
                            ("professional", "professional corps"),
                            ("backbone", "backbone corps"),
                        ],
                        max_length=20,
                        verbose_name="corps",
                    ),
                ),
                (
                    "taught",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours taught"
                    ),
                ),
                (
                    "hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=9, verbose_name="credit hours posted"
                    ),
                ),
                (
                    "members",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), verbose_name="members who attended"
                    ),
                ),
                (
                    "module",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.module",
                        verbose_name="module",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivered",
                        to="quotas.reconciliation",
                        verbose_name="reconciliation",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.session",
                        verbose_name="session",
                    ),
                ),
                (
                    "training_class",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.trainingclass",
                        verbose_name="training class",
                    ),
                ),
            ],
            options={
                "verbose_name": "session delivered",
                "verbose_name_plural": "sessions delivered",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reconciliation", "session"), name="delivered_session_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__gte", 0)),
                        name="delivered_session_hours_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taught__in_quarters", True), ("hours__in_quarters", True)
                        ),
                        name="delivered_session_hours_in_quarters",
                    ),
                ],
            },
        ),
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
        # The keys of the rows just stored are checked now: no trigger is made while checks wait.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(_GUARD, _UNGUARD),
        ForbidChanges("quotas_deliveredsession"),
    ]
