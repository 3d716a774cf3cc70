"""The keys of results are checked for all rows of a statement at once, and kept by triggers.

PostgreSQL checks foreign keys row by row, which took longer than computing the results.
"""

import django.db.models.deletion
from django.db import migrations, models

_GUARD = """
CREATE OR REPLACE FUNCTION member_result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM new_rows {join} quotas_reconciliation r ON r.id = reconciliation_id
            WHERE {is_late}) THEN
            {check_keys}RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '% of results is refused: they come while they are computed', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = 'member_result_stays';
END $$
"""
_CHECK_KEYS = """IF EXISTS (
                SELECT FROM new_rows result
                LEFT JOIN trainees_member member ON member.id = result.member_id
                LEFT JOIN schools_organisation branch ON branch.id = result.organisation_id
                LEFT JOIN schools_school school ON school.id = result.school_id
                LEFT JOIN hours_requirementrule rule ON rule.id = result.rule_id
                WHERE member.id IS NULL OR branch.id IS NULL OR rule.id IS NULL
                   OR school.id IS NULL AND result.school_id IS NOT NULL) THEN
                RAISE EXCEPTION 'a result names a row that is not there'
                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'member_result_keys';
            END IF;
            """
_GUARD_WITH_KEYS = _GUARD.format(
    join="LEFT JOIN", is_late="r.state IS DISTINCT FROM 'running'", check_keys=_CHECK_KEYS
)
_GUARD_WITHOUT_KEYS = _GUARD.format(join="JOIN", is_late="r.state <> 'running'", check_keys="")

# The rows that results name, by the column that names them.
_NAMED = {
    "reconciliation_id": "quotas_reconciliation",
    "member_id": "trainees_member",
    "organisation_id": "schools_organisation",
    "school_id": "schools_school",
    "rule_id": "hours_requirementrule",
}
_FUNCTION = """
CREATE FUNCTION named_by_a_result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_named boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM quotas_memberresult WHERE %I = $1)', TG_ARGV[0])
        INTO is_named USING OLD.id;
    IF is_named THEN
        RAISE EXCEPTION 'results name this row of %', TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'named_by_a_result_stays';
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER named_by_a_result_stays AFTER DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION named_by_a_result_stays('{column}')
"""


def _keep_named():
    """Operations that keep the rows that results name."""
    undo = "DROP FUNCTION named_by_a_result_stays()"
    yield migrations.RunSQL(_FUNCTION, undo)
    for column, table in _NAMED.items():
        undo = f"DROP TRIGGER named_by_a_result_stays ON {table}"
        yield migrations.RunSQL(_TRIGGER.format(column=column, table=table), undo)


def _unchecked(name, to, verbose_name, **options):
    """The key `name` of a result, which triggers check instead of a constraint."""
    return migrations.AlterField(
        model_name="memberresult",
        name=name,
        field=models.ForeignKey(
            **{"on_delete": django.db.models.deletion.PROTECT, "related_name": "+"} | options,
            db_constraint=False,
            db_index=False,
            to=to,
            verbose_name=verbose_name,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0011_closed_years"),
        ("quotas", "0006_signed_is_signed"),
        ("schools", "0005_closed_years"),
        ("trainees", "0008_closed_years"),
    ]

    operations = [
        migrations.RunSQL(_GUARD_WITH_KEYS, _GUARD_WITHOUT_KEYS),
        *_keep_named(),
        migrations.RemoveConstraint(model_name="memberresult", name="member_result_once"),
        _unchecked("member", "trainees.member", "member"),
        _unchecked("organisation", "schools.organisation", "Party organisation"),
        _unchecked(
            "reconciliation",
            "quotas.reconciliation",
            "reconciliation",
            on_delete=django.db.models.deletion.CASCADE,
            related_name="results",
        ),
        _unchecked("rule", "hours.requirementrule", "rule"),
        _unchecked("school", "schools.school", "school", null=True),
        migrations.AddConstraint(
            model_name="memberresult",
            constraint=models.UniqueConstraint(
                fields=("member", "reconciliation"), name="member_result_once"
            ),
        ),
    ]
