"""The ledger is append-only, an entry is reversed by its exact negative alone, and rules keep
their former versions."""

from django.db import migrations

from config.lib.append_only import ForbidChanges
from config.lib.versions import KeepVersions

REVERSAL_FITS = """
CREATE FUNCTION credit_entry_reversal_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM hours_creditentry e
        WHERE e.id = NEW.reverses_id AND e.reverses_id IS NULL
          AND (e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category,
               e.occurred_on, e.hours, e.assessment_id)
            = (NEW.member_id, NEW.school_id, NEW.organisation_id, NEW.credit_year, NEW.category,
               NEW.occurred_on, -NEW.hours, NEW.assessment_id)
    ) THEN
        RAISE EXCEPTION 'reversal of entry % is not its exact negative', NEW.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_entry_reversal_fits';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_entry_reversal_fits BEFORE INSERT ON hours_creditentry
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)
    EXECUTE FUNCTION credit_entry_reversal_fits()
"""

UNDO_REVERSAL_FITS = """
DROP TRIGGER credit_entry_reversal_fits ON hours_creditentry;
DROP FUNCTION credit_entry_reversal_fits()
"""


class Migration(migrations.Migration):
    dependencies = [("hours", "0002_rules")]

    operations = [
        ForbidChanges("hours_source"),
        ForbidChanges("hours_assessment"),
        ForbidChanges("hours_creditentry"),
        ForbidChanges("hours_ledgercheck"),
        ForbidChanges("hours_disputeentry"),
        KeepVersions("hours_requirementrule"),
        migrations.RunSQL(REVERSAL_FITS, UNDO_REVERSAL_FITS),
    ]
