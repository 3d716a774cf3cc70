"""Results come while their reconciliation runs, never change, and those of a final one never go."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION member_result_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM new_rows JOIN quotas_reconciliation r ON r.id = reconciliation_id
            WHERE r.state <> 'running') THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '% of results is refused: they come while they are computed', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = 'member_result_stays';
END $$;
CREATE TRIGGER member_result_comes_in_time AFTER INSERT ON quotas_memberresult
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION member_result_stays();
CREATE TRIGGER member_result_never_changes BEFORE UPDATE ON quotas_memberresult
    FOR EACH ROW EXECUTE FUNCTION member_result_stays();

CREATE FUNCTION member_result_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows JOIN quotas_reconciliation r ON r.id = reconciliation_id
               WHERE r.lock_id IS NOT NULL) THEN
        RAISE EXCEPTION 'results of a final reconciliation are kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_result_is_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER member_result_is_kept AFTER DELETE ON quotas_memberresult
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION member_result_is_kept();

CREATE FUNCTION reconciliation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.lock_id IS NOT NULL
       OR TG_OP = 'UPDATE' AND (
           (NEW.id, NEW.year, NEW.number, NEW.lock_id, NEW.as_of, NEW.started_at)
           IS DISTINCT FROM (OLD.id, OLD.year, OLD.number, OLD.lock_id, OLD.as_of, OLD.started_at)
           OR OLD.state <> 'running' AND NEW.state NOT IN (OLD.state, 'discarded')
           OR OLD.state = 'discarded' AND (NEW.reason, NEW.discarded_at)
              IS DISTINCT FROM (OLD.reason, OLD.discarded_at)) THEN
        RAISE EXCEPTION '% of a reconciliation is refused: it stays as it was', TG_OP
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER reconciliation_stays BEFORE UPDATE OR DELETE ON quotas_reconciliation
    FOR EACH ROW EXECUTE FUNCTION reconciliation_stays()
"""

UNDO = """
DROP TRIGGER member_result_comes_in_time ON quotas_memberresult;
DROP TRIGGER member_result_never_changes ON quotas_memberresult;
DROP FUNCTION member_result_stays();
DROP TRIGGER member_result_is_kept ON quotas_memberresult;
DROP FUNCTION member_result_is_kept();
DROP TRIGGER reconciliation_stays ON quotas_reconciliation;
DROP FUNCTION reconciliation_stays()
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0003_reconciliations")]

    operations = [migrations.RunSQL(GUARDS, UNDO)]
