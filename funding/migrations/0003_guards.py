"""The fund ledger numbers and links itself, adds up, and is append-only.

Before a transaction is stored it gets the next number of its school and channel, and a link over
the link, the legs and the words of what came before. Before a leg is stored it gets its position in
its account and the balance after it. At the end of the database's transaction the legs of each
fund transaction add up to zero, and no commitment has less than nothing in a stage.
A row of before that another transaction has not committed yet is not seen: the unique number, or
position, then refuses the later one, unless both took the lock of the fund first, as the portal
does.

Two people: who asked or checked does not approve, and none of them, nor who approved, pays.
"""

from django.db import migrations

from config.lib.append_only import ForbidChanges

TEXTS = """
CREATE FUNCTION fund_transaction_text(t funding_fundtransaction) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT concat_ws('|', t.id, t.school_id, t.channel, t.number, t.kind,
        coalesce(t.allocation_id, 0), coalesce(t.commitment_id, 0), coalesce(t.reverses_id, 0),
        trunc(extract(epoch FROM t.posted_at) * 1000000), coalesce(t.posted_by_id, 0), t.reason)
$$;
CREATE FUNCTION fund_legs_text(of_transaction bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(concat_ws('|', id, year, purpose, stage, amount, position, balance),
                               E'\\n' ORDER BY id), '')
    FROM funding_fundleg WHERE transaction_id = of_transaction
$$;
CREATE FUNCTION fund_link(before_it text, legs_before text, its_text text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\\n', before_it, legs_before, its_text), 'UTF8')),
                  'hex')
$$
"""
NO_TEXTS = """
DROP FUNCTION fund_link(text, text, text);
DROP FUNCTION fund_legs_text(bigint);
DROP FUNCTION fund_transaction_text(funding_fundtransaction)
"""

FOLLOWS = """
CREATE FUNCTION fund_transaction_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last funding_fundtransaction;
BEGIN
    SELECT * INTO last FROM funding_fundtransaction
        WHERE school_id = NEW.school_id AND channel = NEW.channel ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.link := fund_link(coalesce(last.link, ''), fund_legs_text(last.id),
                          fund_transaction_text(NEW));
    RETURN NEW;
END $$;
CREATE TRIGGER fund_transaction_follows BEFORE INSERT ON funding_fundtransaction
    FOR EACH ROW EXECUTE FUNCTION fund_transaction_follows();

CREATE FUNCTION fund_leg_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last funding_fundleg;
BEGIN
    SELECT school_id, channel INTO NEW.school_id, NEW.channel
        FROM funding_fundtransaction WHERE id = NEW.transaction_id;
    SELECT * INTO last FROM funding_fundleg
        WHERE school_id = NEW.school_id AND channel = NEW.channel AND year = NEW.year
          AND purpose = NEW.purpose AND stage = NEW.stage
        ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.balance := coalesce(last.balance, 0) + NEW.amount;
    RETURN NEW;
END $$;
CREATE TRIGGER fund_leg_follows BEFORE INSERT ON funding_fundleg
    FOR EACH ROW EXECUTE FUNCTION fund_leg_follows()
"""
NOT_FOLLOWS = """
DROP TRIGGER fund_leg_follows ON funding_fundleg;
DROP FUNCTION fund_leg_follows();
DROP TRIGGER fund_transaction_follows ON funding_fundtransaction;
DROP FUNCTION fund_transaction_follows()
"""

ADDS_UP = """
CREATE FUNCTION fund_transaction_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_transaction bigint := CASE TG_TABLE_NAME WHEN 'funding_fundleg' THEN
        (to_jsonb(NEW) ->> 'transaction_id')::bigint ELSE NEW.id END;
    asked_for bigint;
BEGIN
    IF (SELECT count(*) < 2 OR sum(amount) <> 0
        FROM funding_fundleg WHERE transaction_id = of_transaction) THEN
        RAISE EXCEPTION 'the legs of fund transaction % do not add up to zero', of_transaction
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_transaction_adds_up';
    END IF;
    SELECT commitment_id INTO asked_for FROM funding_fundtransaction WHERE id = of_transaction;
    IF EXISTS (
        SELECT FROM funding_fundleg leg
        JOIN funding_fundtransaction t ON t.id = leg.transaction_id
        WHERE t.commitment_id = asked_for AND leg.stage <> 'available'
        GROUP BY leg.stage HAVING sum(leg.amount) < 0
    ) THEN
        RAISE EXCEPTION 'commitment % has less than nothing in a stage', asked_for
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commitment_overdraws_nothing';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fund_transaction_adds_up AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund_transaction_adds_up();
CREATE CONSTRAINT TRIGGER fund_leg_adds_up AFTER INSERT ON funding_fundleg
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fund_transaction_adds_up()
"""
NOT_ADDS_UP = """
DROP TRIGGER fund_leg_adds_up ON funding_fundleg;
DROP TRIGGER fund_transaction_adds_up ON funding_fundtransaction;
DROP FUNCTION fund_transaction_adds_up()
"""

TWO_PEOPLE = """
CREATE FUNCTION fund_transaction_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM funding_earmarkcheck WHERE commitment_id = NEW.commitment_id) THEN
        RAISE EXCEPTION 'commitment % was not checked by the custodian', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_approval_follows_check';
    END IF;
    IF NEW.posted_by_id IN (
        SELECT requested_by_id FROM funding_commitment WHERE id = NEW.commitment_id
        UNION ALL
        SELECT checked_by_id FROM funding_earmarkcheck WHERE commitment_id = NEW.commitment_id
        UNION ALL
        SELECT posted_by_id FROM funding_fundtransaction
        WHERE commitment_id = NEW.commitment_id AND NEW.kind = 'payment' AND kind = 'approval'
    ) THEN
        RAISE EXCEPTION 'commitment % needs another person for this step', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_transaction_is_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fund_transaction_is_by_another BEFORE INSERT ON funding_fundtransaction
    FOR EACH ROW WHEN (NEW.kind IN ('approval', 'payment'))
    EXECUTE FUNCTION fund_transaction_is_by_another();

CREATE FUNCTION earmark_check_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.checked_by_id = (SELECT requested_by_id FROM funding_commitment
                            WHERE id = NEW.commitment_id) THEN
        RAISE EXCEPTION 'who asked for commitment % does not check it', NEW.commitment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'earmark_check_is_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER earmark_check_is_by_another BEFORE INSERT ON funding_earmarkcheck
    FOR EACH ROW EXECUTE FUNCTION earmark_check_is_by_another()
"""
ONE_PERSON = """
DROP TRIGGER earmark_check_is_by_another ON funding_earmarkcheck;
DROP FUNCTION earmark_check_is_by_another();
DROP TRIGGER fund_transaction_is_by_another ON funding_fundtransaction;
DROP FUNCTION fund_transaction_is_by_another()
"""

REVERSAL_FITS = """
CREATE FUNCTION fund_reversal_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    t funding_fundtransaction := NEW;
BEGIN
    IF NOT EXISTS (
        SELECT FROM funding_fundtransaction r WHERE r.id = t.reverses_id AND r.kind <> 'reversal'
          AND (r.school_id, r.channel) = (t.school_id, t.channel)
          AND (r.allocation_id, r.commitment_id)
              IS NOT DISTINCT FROM (t.allocation_id, t.commitment_id)
    ) OR EXISTS (
        SELECT year, purpose, stage FROM funding_fundleg
        WHERE transaction_id IN (t.id, t.reverses_id)
        GROUP BY year, purpose, stage HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'reversal of fund transaction % is not its exact negative', t.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fund_reversal_fits';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fund_reversal_fits AFTER INSERT ON funding_fundtransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)
    EXECUTE FUNCTION fund_reversal_fits()
"""
NO_REVERSAL_FITS = """
DROP TRIGGER fund_reversal_fits ON funding_fundtransaction;
DROP FUNCTION fund_reversal_fits()
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0002_ledger")]

    operations = [
        migrations.RunSQL(TEXTS, NO_TEXTS),
        migrations.RunSQL(FOLLOWS, NOT_FOLLOWS),
        migrations.RunSQL(ADDS_UP, NOT_ADDS_UP),
        migrations.RunSQL(TWO_PEOPLE, ONE_PERSON),
        migrations.RunSQL(REVERSAL_FITS, NO_REVERSAL_FITS),
        ForbidChanges("funding_commitment"),
        ForbidChanges("funding_earmarkcheck"),
        ForbidChanges("funding_fundtransaction"),
        ForbidChanges("funding_fundleg"),
    ]
