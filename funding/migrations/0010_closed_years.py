"""The money of a closed year stays as it was (ADR 36).

A statement that posts legs of a closed year is refused, from every role. What is still available may
be carried over into the next year, since how much that is stands only then; and that may be reversed.
A carry-over moves what is available into the next year for the same purpose, and nothing else. A year
with a cost that is reserved or approved and not paid is not locked.
"""

from django.db import migrations

OPEN_YEARS = """
CREATE FUNCTION funding_fundleg_of_open_years() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_closed_years(ARRAY(
        SELECT DISTINCT leg.year::integer FROM new_rows leg
        JOIN funding_fundtransaction t ON t.id = leg.transaction_id
        LEFT JOIN funding_fundtransaction former ON former.id = t.reverses_id
        WHERE NOT (coalesce(former.kind, t.kind) = 'carry_over' AND leg.stage = 'available'
                   AND (leg.amount < 0) = (former.id IS NULL))
        ORDER BY 1));
    RETURN NULL;
END $$;
CREATE TRIGGER funding_fundleg_insert_of_open_years AFTER INSERT ON funding_fundleg
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION funding_fundleg_of_open_years()
"""
ANY_YEARS = """
DROP TRIGGER funding_fundleg_insert_of_open_years ON funding_fundleg;
DROP FUNCTION funding_fundleg_of_open_years()
"""

CARRY_OVER_FITS = """
CREATE FUNCTION fund_carry_over_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_transaction bigint := CASE TG_TABLE_NAME WHEN 'funding_fundleg' THEN
        (to_jsonb(NEW) ->> 'transaction_id')::bigint ELSE NEW.id END;
BEGIN
    IF (SELECT kind FROM funding_fundtransaction WHERE id = of_transaction) = 'carry_over' AND NOT (
        SELECT count(*) = 2 AND bool_and(stage = 'available') AND min(purpose) = max(purpose)
           AND max(year) FILTER (WHERE amount > 0) = max(year) FILTER (WHERE amount < 0) + 1
        FROM funding_fundleg WHERE transaction_id = of_transaction
    ) THEN
        RAISE EXCEPTION 'carry-over % is not into the next year for the same purpose',
            of_transaction
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_carry_over_fits';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fund_carry_over_fits AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'carry_over')
    EXECUTE FUNCTION fund_carry_over_fits();
CREATE CONSTRAINT TRIGGER fund_leg_of_carry_over_fits AFTER INSERT ON funding_fundleg
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.stage = 'available')
    EXECUTE FUNCTION fund_carry_over_fits()
"""
ANY_CARRY_OVER = """
DROP TRIGGER fund_leg_of_carry_over_fits ON funding_fundleg;
DROP TRIGGER fund_carry_over_fits ON funding_fundtransaction;
DROP FUNCTION fund_carry_over_fits()
"""

NOTHING_OPEN = """
CREATE FUNCTION year_lock_leaves_no_open_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM schools_yearlock WHERE id = NEW.id AND released_at IS NULL)
       AND EXISTS (SELECT FROM funding_fundleg
               WHERE year = NEW.year AND stage IN ('committed', 'approved')
               GROUP BY school_id, channel, purpose, stage HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'a cost of % is reserved or approved and not paid', NEW.year
            USING ERRCODE = 'check_violation', CONSTRAINT = 'year_lock_leaves_no_open_cost';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER year_lock_leaves_no_open_cost AFTER INSERT ON schools_yearlock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION year_lock_leaves_no_open_cost()
"""
ANYTHING_OPEN = """
DROP TRIGGER year_lock_leaves_no_open_cost ON schools_yearlock;
DROP FUNCTION year_lock_leaves_no_open_cost()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0009_exceptions"),
        ("schools", "0005_closed_years"),
    ]

    operations = [
        migrations.RunSQL(OPEN_YEARS, ANY_YEARS),
        migrations.RunSQL(CARRY_OVER_FITS, ANY_CARRY_OVER),
        migrations.RunSQL(NOTHING_OPEN, ANYTHING_OPEN),
    ]
