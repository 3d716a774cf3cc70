"""What is signed stays signed: a closed year is opened by two people alone, and only then.

A year is closed once each school of its final reconciliation has its statement.
"""

from django.db import migrations

from config.lib.append_only import ForbidChanges

GUARDS = """
CREATE FUNCTION reconciliation_is_closed(run bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.state = 'computed' AND r.lock_id IS NOT NULL
       AND EXISTS (SELECT FROM quotas_reconciliationpart p
                   WHERE p.reconciliation_id = r.id AND p.school_id IS NOT NULL)
       AND NOT EXISTS (
           SELECT FROM quotas_reconciliationpart p
           WHERE p.reconciliation_id = r.id AND p.school_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM quotas_statementsignature s
               JOIN quotas_yearstatement y ON y.signature_id = s.id
               WHERE s.reconciliation_id = r.id AND s.school_id = p.school_id))
    FROM quotas_reconciliation r WHERE r.id = run
$$;

CREATE FUNCTION statement_signature_fits_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM quotas_reconciliation r JOIN schools_yearlock l ON l.id = r.lock_id
    WHERE r.id = NEW.reconciliation_id AND r.state = 'computed' AND l.released_at IS NULL
      AND EXISTS (SELECT FROM quotas_reconciliationpart p
                  WHERE p.reconciliation_id = r.id
                    AND (NEW.school_id IS NULL OR p.school_id = NEW.school_id))
    FOR SHARE OF r, l;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only results of a final reconciliation that holds are signed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_signature_fits_run';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_signature_fits_run BEFORE INSERT ON quotas_statementsignature
    FOR EACH ROW EXECUTE FUNCTION statement_signature_fits_run();

CREATE FUNCTION year_statement_fits_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM quotas_statementsignature s
    JOIN quotas_reconciliation r ON r.id = s.reconciliation_id
    JOIN schools_yearlock l ON l.id = r.lock_id
    WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.signed_by_id AND r.year = NEW.year
      AND r.state = 'computed' AND l.released_at IS NULL
    FOR SHARE OF r, l;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'statement % does not fit what was signed', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'year_statement_fits_signature';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_statement_fits_signature BEFORE INSERT ON quotas_yearstatement
    FOR EACH ROW EXECUTE FUNCTION year_statement_fits_signature();

CREATE FUNCTION reconciliation_closed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'discarded' AND OLD.state <> 'discarded'
       AND reconciliation_is_closed(OLD.id) THEN
        RAISE EXCEPTION 'reconciliation % closed its year and is not discarded', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reconciliation_closed_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reconciliation_closed_stays BEFORE UPDATE ON quotas_reconciliation
    FOR EACH ROW EXECUTE FUNCTION reconciliation_closed_stays();

CREATE FUNCTION year_lock_opened_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL AND EXISTS (
        SELECT FROM quotas_reconciliation r
        WHERE r.lock_id = OLD.id AND reconciliation_is_closed(r.id) AND NOT EXISTS (
            SELECT FROM quotas_yearreopening o
            WHERE o.reconciliation_id = r.id AND o.state = 'granted')) THEN
        RAISE EXCEPTION 'year % is closed: two people open it again', OLD.year
            USING ERRCODE = 'check_violation', CONSTRAINT = 'year_lock_opened_by_two';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_lock_opened_by_two BEFORE UPDATE ON schools_yearlock
    FOR EACH ROW EXECUTE FUNCTION year_lock_opened_by_two();

CREATE FUNCTION year_reopening_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'asked' AND reconciliation_is_closed(NEW.reconciliation_id)
       OR TG_OP = 'UPDATE' AND OLD.state = 'asked'
          AND (NEW.id, NEW.reconciliation_id, NEW.reason, NEW.asked_at, NEW.asked_by_id)
              IS NOT DISTINCT FROM
              (OLD.id, OLD.reconciliation_id, OLD.reason, OLD.asked_at, OLD.asked_by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of a reopening is refused: it is asked for and answered, once', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = 'year_reopening_stays';
END $$;
CREATE TRIGGER year_reopening_stays BEFORE INSERT OR UPDATE OR DELETE ON quotas_yearreopening
    FOR EACH ROW EXECUTE FUNCTION year_reopening_stays();

CREATE FUNCTION year_adjustment_of_a_closed_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM quotas_reconciliation r JOIN schools_yearlock l ON l.id = r.lock_id
        WHERE r.year = NEW.year AND l.released_at IS NULL AND reconciliation_is_closed(r.id))
       OR NEW.takes_back_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM quotas_yearadjustment a
           WHERE a.id = NEW.takes_back_id AND a.takes_back_id IS NULL
             AND (a.year, a.school_id, a.member_id)
                 IS NOT DISTINCT FROM (NEW.year, NEW.school_id, NEW.member_id)) THEN
        RAISE EXCEPTION 'an adjustment is of a closed year, and takes back one of the same'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'year_adjustment_of_a_closed_year';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_adjustment_of_a_closed_year BEFORE INSERT ON quotas_yearadjustment
    FOR EACH ROW EXECUTE FUNCTION year_adjustment_of_a_closed_year()
"""

UNDO = """
DROP TRIGGER year_adjustment_of_a_closed_year ON quotas_yearadjustment;
DROP FUNCTION year_adjustment_of_a_closed_year();
DROP TRIGGER year_reopening_stays ON quotas_yearreopening;
DROP FUNCTION year_reopening_stays();
DROP TRIGGER year_lock_opened_by_two ON schools_yearlock;
DROP FUNCTION year_lock_opened_by_two();
DROP TRIGGER reconciliation_closed_stays ON quotas_reconciliation;
DROP FUNCTION reconciliation_closed_stays();
DROP TRIGGER year_statement_fits_signature ON quotas_yearstatement;
DROP FUNCTION year_statement_fits_signature();
DROP TRIGGER statement_signature_fits_run ON quotas_statementsignature;
DROP FUNCTION statement_signature_fits_run();
DROP FUNCTION reconciliation_is_closed(bigint)
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0005_statements_and_close")]

    operations = [
        ForbidChanges("quotas_statementsignature"),
        ForbidChanges("quotas_yearstatement"),
        ForbidChanges("quotas_yearadjustment"),
        migrations.RunSQL(GUARDS, UNDO),
    ]
