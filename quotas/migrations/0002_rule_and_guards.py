"""The rule of warnings as it comes, and versions that never change once they are out.

A published task, the lines of one, and a claim that was submitted keep what they say: of a claim
only the decision is added, once. Lines of a claim are of the task that it answers. Default rule:
schools are warned from July and members from September, five per cent tolerated.
"""

from django.db import migrations

from config.lib.append_only import ForbidChanges

DEFAULT = """
INSERT INTO quotas_warningrule (
    members_from_month, schools_from_month, tolerance, source, period
) VALUES (9, 7, 5, '本区规定（默认值）', '[2019-01-01,)')
"""

GUARDS = """
CREATE FUNCTION annual_task_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'annual task % is published and never changes', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'annual_task_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER annual_task_published_stays BEFORE UPDATE OR DELETE ON quotas_annualtask
    FOR EACH ROW EXECUTE FUNCTION annual_task_published_stays();

CREATE FUNCTION task_line_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM quotas_annualtask WHERE state = 'published'
               AND id IN (OLD.task_id, NEW.task_id)) THEN
        RAISE EXCEPTION 'the annual task of this line is published and never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'task_line_published_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER task_line_published_stays BEFORE INSERT OR UPDATE OR DELETE ON quotas_taskline
    FOR EACH ROW EXECUTE FUNCTION task_line_published_stays();

CREATE FUNCTION quota_claim_submitted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.state <> 'draft'
       OR TG_OP = 'UPDATE' AND OLD.state IN ('asked_again', 'accepted')
       OR TG_OP = 'UPDATE' AND OLD.state = 'submitted' AND (
           NEW.state NOT IN ('asked_again', 'accepted')
           OR (OLD.school_id, OLD.task_id, OLD.year, OLD.version, OLD.reason, OLD.drafted_at,
               OLD.drafted_by_id, OLD.submitted_at, OLD.submitted_by_id)
              IS DISTINCT FROM
              (NEW.school_id, NEW.task_id, NEW.year, NEW.version, NEW.reason, NEW.drafted_at,
               NEW.drafted_by_id, NEW.submitted_at, NEW.submitted_by_id)) THEN
        RAISE EXCEPTION 'claim % was submitted and keeps what it says', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quota_claim_submitted_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER quota_claim_submitted_stays BEFORE UPDATE OR DELETE ON quotas_quotaclaim
    FOR EACH ROW EXECUTE FUNCTION quota_claim_submitted_stays();

CREATE FUNCTION quota_claim_fits_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM quotas_annualtask task
                   WHERE task.id = NEW.task_id AND task.year = NEW.year
                     AND task.state = 'published') THEN
        RAISE EXCEPTION 'claim % answers no published task of its year', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quota_claim_fits_task';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quota_claim_fits_task BEFORE INSERT OR UPDATE ON quotas_quotaclaim
    FOR EACH ROW EXECUTE FUNCTION quota_claim_fits_task();

CREATE FUNCTION claim_line_submitted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM quotas_quotaclaim WHERE state <> 'draft'
               AND id IN (OLD.claim_id, NEW.claim_id)) THEN
        RAISE EXCEPTION 'the claim of this line was submitted and keeps what it says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_line_submitted_stays';
    END IF;
    IF TG_OP <> 'DELETE' AND NOT EXISTS (
            SELECT FROM quotas_quotaclaim claim JOIN quotas_taskline line USING (task_id)
            WHERE claim.id = NEW.claim_id AND line.id = NEW.task_line_id) THEN
        RAISE EXCEPTION 'this line is of another task than its claim'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_line_of_the_task';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER claim_line_submitted_stays BEFORE INSERT OR UPDATE OR DELETE ON quotas_claimline
    FOR EACH ROW EXECUTE FUNCTION claim_line_submitted_stays()
"""
_TRIGGERS = (
    ("annual_task_published_stays", "quotas_annualtask"),
    ("task_line_published_stays", "quotas_taskline"),
    ("quota_claim_submitted_stays", "quotas_quotaclaim"),
    ("quota_claim_fits_task", "quotas_quotaclaim"),
    ("claim_line_submitted_stays", "quotas_claimline"),
)
UNDO_GUARDS = ";\n".join(
    f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()" for name, table in _TRIGGERS
)


class Migration(migrations.Migration):
    dependencies = [("quotas", "0001_initial")]

    operations = [
        migrations.RunSQL(DEFAULT, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
        ForbidChanges("quotas_shortfallwarning"),
    ]
