"""A share that a school claims is a whole number where the measure counts one by one, and of
members 100 per cent at most: what a line of the task is held to by constraints. The measure stands in
another row, so it takes the trigger that reads it already. What was claimed before stays."""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION claim_line_submitted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
{declared}BEGIN
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
{checked}    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
_CHECKED = """    IF TG_OP <> 'DELETE' THEN
        SELECT measure INTO asked FROM quotas_taskline WHERE id = NEW.task_line_id;
        IF asked IN ('events', 'person_times', 'members') AND NEW.amount <> floor(NEW.amount)
           OR asked IN ('trained', 'on_target') AND NEW.amount > 100 THEN
            RAISE EXCEPTION 'this amount is none of the measure of its line'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_line_fits_its_measure';
        END IF;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0008_quarter_steps")]

    operations = [
        migrations.RunSQL(
            _FUNCTION.format(declared="DECLARE\n    asked text;\n", checked=_CHECKED),
            _FUNCTION.format(declared="", checked=""),
        )
    ]
