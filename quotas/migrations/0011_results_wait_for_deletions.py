"""What stores results waits for deletions of rows that results name, and the other way round.

The triggers of 0007 read the other side without a lock: of two transactions at the same time neither
saw the other, and a result could name a row that was gone. Now the one that stores takes an advisory
lock that is shared, the one that deletes takes it alone, when its deferred trigger runs. The class is
`LockClass.RESULT_KEYS`. A deletion of an organisation, school or rule reads all results, since no
index begins with them: an index would cost each reconciliation more than the rare deletion saves.
"""

from django.db import migrations

_GUARD = """
CREATE OR REPLACE FUNCTION member_result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM new_rows LEFT JOIN quotas_reconciliation r ON r.id = reconciliation_id
            WHERE r.state IS DISTINCT FROM 'running') THEN
            {lock}IF EXISTS (
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
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '% of results is refused: they come while they are computed', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = 'member_result_stays';
END $$
"""
_NAMED = """
CREATE OR REPLACE FUNCTION named_by_a_result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_named boolean;
BEGIN
    {lock}EXECUTE format('SELECT EXISTS (SELECT FROM quotas_memberresult WHERE %I = $1)', TG_ARGV[0])
        INTO is_named USING OLD.id;
    IF is_named THEN
        RAISE EXCEPTION 'results name this row of %', TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'named_by_a_result_stays';
    END IF;
    RETURN NULL;
END $$
"""
_SHARED = "PERFORM pg_advisory_xact_lock_shared(7442, 0);\n            "
_ALONE = "PERFORM pg_advisory_xact_lock(7442, 0);\n    "


class Migration(migrations.Migration):
    dependencies = [("quotas", "0010_delivered_sessions")]

    operations = [
        migrations.RunSQL(_GUARD.format(lock=_SHARED), _GUARD.format(lock="")),
        migrations.RunSQL(_NAMED.format(lock=_ALONE), _NAMED.format(lock="")),
    ]
