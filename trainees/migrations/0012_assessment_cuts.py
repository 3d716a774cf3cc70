"""An assessment says apart what was cut for the member alone, for overlapping times, and by caps.

Rows of an append-only table are filled once, by its owner, with the guard lifted meanwhile: what
they say is not changed, only written in other columns.
"""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import config.lib.hours

GUARD = "ALTER TABLE trainees_{0} {1} TRIGGER trainees_{0}_append_only"
# A row that is written twice leaves a check for the end, which an ALTER TABLE does not wait for.
OPEN = GUARD.format("assessment", "DISABLE") + "; SET CONSTRAINTS ALL IMMEDIATE"
CLOSE = GUARD.format("assessment", "ENABLE")

# Before, versions of a study were counted over all its days; now on each of them. Where a study has
# one day, both are the same.
NUMBER = """
UPDATE trainees_assessment a SET version = numbered.version
FROM (SELECT id, row_number() OVER (PARTITION BY study_id, member_id{0} ORDER BY version, id)
             AS version
      FROM trainees_assessment WHERE study_id IS NOT NULL) numbered
WHERE numbered.id = a.id AND numbered.version <> a.version
"""
BY_DAY = NUMBER.format(", occurred_on")
OVER_DAYS = NUMBER.format("")

# The deduction for coming late comes before the cap, as it did when the hours were assessed. A
# version that no correction explains comes from a way back: of what was taken back, the entries that
# the same act reversed then say why.
FILL = """
WITH act AS (
    SELECT posted_at, posted_by_id, min(reason) AS reason FROM trainees_creditentry
    WHERE reverses_id IS NOT NULL AND reason <> 'settled' GROUP BY 1, 2
), told AS (
    SELECT a.id, act.reason AS act_reason, c.reason AS correction,
           c.id IS NULL AND a.version > 1 AS is_from_back,
           c.id IS NULL AND a.version > 1 AND a.cut_reason = 'absent' AND (
               NOT EXISTS (SELECT FROM trainees_attendance mark
                           JOIN trainees_roll roll ON roll.session_id = mark.session_id
                                AND roll.state = 'submitted'
                           WHERE mark.id = a.attendance_id)
               OR EXISTS (SELECT FROM trainees_assessment later
                          WHERE later.attendance_id = a.attendance_id
                            AND later.version > a.version)) AS is_withdrawn
    FROM trainees_assessment a
    LEFT JOIN trainees_attendancecorrection c
           ON c.attendance_id = a.attendance_id AND c.version = a.version - 1
    LEFT JOIN act ON (act.posted_at, act.posted_by_id) = (a.assessed_at, a.assessed_by_id)
    WHERE a.cut_hours > 0 OR a.version > 1
)
UPDATE trainees_assessment a SET
    own_cut = CASE WHEN cut_reason = 'daily_cap' THEN 0
                   WHEN cut_reason = 'late_and_daily_cap'
                   THEN least(rule.late_deduction, gross_hours) ELSE cut_hours END,
    own_reason = CASE WHEN is_withdrawn THEN 'withdrawn'
                      WHEN cut_reason = 'late_and_daily_cap' THEN 'late'
                      WHEN cut_reason = 'daily_cap' THEN 'none' ELSE cut_reason END,
    cap_cut = CASE WHEN cut_reason = 'daily_cap' THEN cut_hours
                   WHEN cut_reason = 'late_and_daily_cap'
                   THEN cut_hours - least(rule.late_deduction, gross_hours) ELSE 0 END,
    cap_reason = CASE WHEN cut_reason IN ('daily_cap', 'late_and_daily_cap')
                      THEN 'day' ELSE 'none' END,
    cause = CASE WHEN a.version = 1 THEN 'first' WHEN is_withdrawn THEN 'withdrawn'
                 WHEN is_from_back THEN 'settled' ELSE 'corrected' END,
    reason = CASE WHEN is_withdrawn THEN coalesce(act_reason, 'withdrawn')
                  ELSE coalesce(correction, '') END
FROM trainees_creditrule rule, told
WHERE rule.id = a.rule_id AND told.id = a.id
"""
EMPTY = """
UPDATE trainees_assessment SET
    cut_hours = own_cut + overlap_cut + cap_cut,
    cut_reason = CASE WHEN own_cut > 0 AND cap_cut + overlap_cut > 0 THEN 'late_and_daily_cap'
                      WHEN cap_cut + overlap_cut > 0 THEN 'daily_cap'
                      WHEN own_reason = 'withdrawn' THEN 'absent' ELSE own_reason END
"""
# Before, a study had one day, which its keys did not name. Checks take keys of either kind.
WITHOUT_DAY = r"""
UPDATE trainees_creditentry e
SET source_key = regexp_replace(source_key, '^(study:\d+:\d+:)\d{8}:', '\1')
FROM trainees_assessment a
JOIN trainees_study s ON s.id = a.study_id AND s.days = 1
WHERE a.id = e.assessment_id AND source_key ~ '^study:\d+:\d+:\d{8}:'
"""
WITHOUT_DAYS = [
    GUARD.format("creditentry", "DISABLE"),
    WITHOUT_DAY,
    GUARD.format("creditentry", "ENABLE"),
]


class Migration(migrations.Migration):
    dependencies = [("trainees", "0011_study_participants")]

    operations = [
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_hours_in_steps",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_cut_within_gross",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_cut_has_reason",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_study_version_once",
        ),
        migrations.AddField(
            model_name="assessment",
            name="own_cut",
            field=config.lib.hours.HoursField(
                db_default=0,
                decimal_places=2,
                max_digits=6,
                verbose_name="cut for the member alone",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="own_reason",
            field=models.CharField(
                choices=[
                    ("none", "counted in full"),
                    ("late", "came late"),
                    ("on_leave", "on leave"),
                    ("absent", "absent"),
                    ("withdrawn", "withdrawn"),
                ],
                db_default="none",
                max_length=12,
                verbose_name="reason of that cut",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="overlap_cut",
            field=config.lib.hours.HoursField(
                db_default=0,
                decimal_places=2,
                max_digits=6,
                verbose_name="cut for overlapping times",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cap_cut",
            field=config.lib.hours.HoursField(
                db_default=0, decimal_places=2, max_digits=6, verbose_name="cut by a cap"
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cap_reason",
            field=models.CharField(
                choices=[
                    ("none", "none"),
                    ("half_day", "cap of a half day reached"),
                    ("day", "daily cap reached"),
                    ("year", "yearly cap reached"),
                ],
                db_default="none",
                max_length=12,
                verbose_name="cap",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cause",
            field=models.CharField(
                choices=[
                    ("first", "first assessed"),
                    ("corrected", "corrected"),
                    ("withdrawn", "withdrawn"),
                    ("restored", "submitted again"),
                    ("settled", "another line of that time changed"),
                ],
                db_default="first",
                max_length=12,
                verbose_name="cause",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", max_length=200, verbose_name="reason"
            ),
        ),
        # Defaults, so that the columns can come back on a filled table.
        migrations.AlterField(
            model_name="assessment",
            name="cut_hours",
            field=config.lib.hours.HoursField(
                db_default=0, decimal_places=2, max_digits=6, verbose_name="hours cut"
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="cut_reason",
            field=models.CharField(
                db_default="none", max_length=20, verbose_name="reason of the cut"
            ),
        ),
        migrations.RunSQL(
            [OPEN, BY_DAY, FILL, CLOSE], [OPEN, EMPTY, OVER_DAYS, CLOSE, *WITHOUT_DAYS]
        ),
        migrations.RemoveField(model_name="assessment", name="cut_hours"),
        migrations.RemoveField(model_name="assessment", name="cut_reason"),
        migrations.AddField(
            model_name="assessment",
            name="hours",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.CombinedExpression(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
                            models.F("gross_hours"), "-", models.F("own_cut")
                        ),
                        "-",
                        models.F("overlap_cut"),
                    ),
                    "-",
                    models.F("cap_cut"),
                ),
                output_field=config.lib.hours.HoursField(
                    decimal_places=2, max_digits=6, verbose_name="credit hours"
                ),
                verbose_name="credit hours",
            ),
        ),
        migrations.RemoveIndex(
            model_name="assessment",
            name="assessment_member_year",
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                fields=["member", "credit_year", "occurred_on"], name="assessment_member_day"
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="category",
            field=models.CharField(
                choices=[
                    ("concentrated", "concentrated training"),
                    ("collective", "collective study"),
                    ("online", "online study"),
                    ("outside", "training elsewhere"),
                    ("outreach", "study brought home"),
                    ("activity", "activity"),
                ],
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="study",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="trainees.study",
                verbose_name="study record",
            ),
        ),
        migrations.AlterField(
            model_name="creditentry",
            name="category",
            field=models.CharField(
                choices=[
                    ("concentrated", "concentrated training"),
                    ("collective", "collective study"),
                    ("online", "online study"),
                    ("outside", "training elsewhere"),
                    ("outreach", "study brought home"),
                    ("activity", "activity"),
                ],
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gross_hours__in_quarters", True),
                    ("own_cut__in_quarters", True),
                    ("overlap_cut__in_quarters", True),
                    ("cap_cut__in_quarters", True),
                ),
                name="assessment_hours_in_steps",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cap_cut__gte", 0),
                    ("gross_hours__gt", 0),
                    ("overlap_cut__gte", 0),
                    ("own_cut__gte", 0),
                    (
                        "gross_hours__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("own_cut"), "+", models.F("overlap_cut")
                            ),
                            "+",
                            models.F("cap_cut"),
                        ),
                    ),
                ),
                name="assessment_cut_within_gross",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("own_cut", 0), ("own_reason", "none")),
                        models.Q(
                            ("own_cut__gt", 0), models.Q(("own_reason", "none"), _negated=True)
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("cap_cut", 0), ("cap_reason", "none")),
                        models.Q(
                            ("cap_cut__gt", 0), models.Q(("cap_reason", "none"), _negated=True)
                        ),
                        _connector="OR",
                    ),
                ),
                name="assessment_cut_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "first"), ("version", 1)),
                    models.Q(("version__gt", 1), models.Q(("cause", "first"), _negated=True)),
                    _connector="OR",
                ),
                name="assessment_first_version_is_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause__in", ["corrected", "withdrawn"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="assessment_change_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                fields=("study", "member", "occurred_on", "version"),
                name="assessment_study_version_once",
            ),
        ),
    ]
