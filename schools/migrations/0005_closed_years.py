"""The database holds a closed year: functions for the guards of all apps, and those of places.

Writing what counts in a year takes its lock, shared, until the transaction ends; locking the year
takes it alone. So nothing in flight slips past a new lock.
"""

from django.db import migrations

from config.lib.lock_classes import LockClass
from schools.closed_years import GuardFacts

# The table is looked up where it was created: a temporary table of the same name hides nothing. A
# transaction that reads an older state than that of its statements could miss a new lock.
REFUSE = """
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION refuse_closed_years(years integer[]) RETURNS void LANGUAGE plpgsql
SET search_path = %I, pg_temp AS $$
DECLARE
    closed integer;
BEGIN
    IF cardinality(years) = 0 THEN
        RETURN;
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'figures of a year are written in a transaction that is READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock_shared({lock}, y) FROM unnest(years) y;
    SELECT year INTO closed FROM schools_yearlock
    WHERE year = ANY(years) AND released_at IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'year %% is closed: its figures do not change', closed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'year_is_closed';
    END IF;
END $$
$sql$, current_schema()); END $do$
""".replace("{lock}", str(int(LockClass.YEARS)))

# A fact may have no end. A year is over before it is locked, so those up to this one are asked, and
# any other that is locked.
REFUSE_DAYS = """
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION refuse_closed_days(days datemultirange) RETURNS void LANGUAGE plpgsql
SET search_path = %I, pg_temp AS $$
BEGIN
    IF days IS NULL OR isempty(days) THEN
        RETURN;
    END IF;
    PERFORM refuse_closed_years(ARRAY(
        SELECT y FROM generate_series(
            2019,
            greatest(extract(year FROM clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::integer,
                     (SELECT max(year) FROM schools_yearlock))) y
        WHERE days && daterange(make_date(y, 1, 1), make_date(y + 1, 1, 1))));
END $$
$sql$, current_schema()); END $do$
"""

KEEP_LOCKS = f"""
CREATE FUNCTION year_lock_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({int(LockClass.YEARS)}, NEW.year);
    RETURN NEW;
END $$;
CREATE TRIGGER year_lock_waits BEFORE INSERT ON schools_yearlock
    FOR EACH ROW EXECUTE FUNCTION year_lock_waits();
CREATE FUNCTION year_lock_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.released_at IS NULL AND NEW.released_at IS NOT NULL
        AND (NEW.id, NEW.year, NEW.revision, NEW.locked_at, NEW.locked_by_id)
          = (OLD.id, OLD.year, OLD.revision, OLD.locked_at, OLD.locked_by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of the lock of a year is refused: it is released once, and stays', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = 'year_lock_is_kept';
END $$;
CREATE TRIGGER year_lock_is_kept BEFORE UPDATE OR DELETE ON schools_yearlock
    FOR EACH ROW EXECUTE FUNCTION year_lock_is_kept();
CREATE TRIGGER year_lock_no_truncate BEFORE TRUNCATE ON schools_yearlock
    FOR EACH STATEMENT EXECUTE FUNCTION year_lock_is_kept()
"""  # noqa: S608 - fixed text, no input
UNDO_KEEP_LOCKS = """
DROP TRIGGER year_lock_waits ON schools_yearlock;
DROP FUNCTION year_lock_waits();
DROP TRIGGER year_lock_is_kept ON schools_yearlock;
DROP TRIGGER year_lock_no_truncate ON schools_yearlock;
DROP FUNCTION year_lock_is_kept()
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0004_year_lock")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION refuse_closed_years(integer[])"),
        migrations.RunSQL(REFUSE_DAYS, "DROP FUNCTION refuse_closed_days(datemultirange)"),
        migrations.RunSQL(KEEP_LOCKS, UNDO_KEEP_LOCKS),
        GuardFacts("schools_placement", "organisation_id", "parent_id", "township_id"),
        GuardFacts("schools_schoolarea", "school_id", "township_id"),
    ]
