"""Each change of what balances rest on writes itself down, in its own transaction.

So nobody who writes such a change has to think of the balances, and no reader takes one for right
that is not. Statement by statement: a roll of three hundred writes one row.
"""

from django.db import migrations

# Whose balances a changed row concerns. `changed` has the rows, and after an update also the
# former ones. A placement concerns everybody who ever belonged to the organisation.
_MEMBERS = "SELECT member_id FROM changed"
_OF_ORGANISATIONS = """
SELECT membership.member_id FROM trainees_membership membership
WHERE membership.organisation_id IN (SELECT organisation_id FROM changed)"""
# Everybody's, where a rule or the area of a school changes.
_EVERYBODY = ""

_FACTS = {
    "trainees_membership": _MEMBERS,
    "trainees_post": _MEMBERS,
    "trainees_exemption": _MEMBERS,
    "schools_placement": _OF_ORGANISATIONS,
    "schools_schoolarea": _EVERYBODY,
    "hours_requirementrule": _EVERYBODY,
}

_NOTE_MEMBERS = """
INSERT INTO hours_balancechange (members)
SELECT array_agg(DISTINCT member_id) FROM ({members}) concerned HAVING count(*) > 0"""
_NOTE_EVERYBODY = """
INSERT INTO hours_balancechange (members) SELECT NULL WHERE EXISTS (SELECT FROM changed)"""

# By event: the rows before and after it, and their names in the trigger.
_EVENTS = {
    "INSERT": ("SELECT * FROM new_rows", "NEW TABLE AS new_rows"),
    "UPDATE": (
        "SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows",
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    ),
    "DELETE": ("SELECT * FROM old_rows", "OLD TABLE AS old_rows"),
}


def _note_facts(table, members):
    """The statements that make, and those that drop, the triggers of one table."""
    note = _NOTE_MEMBERS.format(members=members) if members else _NOTE_EVERYBODY
    make, drop = [], []
    for event, (rows, names) in _EVENTS.items():
        name = f"{table}_{event.lower()}_changes_balances"
        make.append(f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH changed AS ({rows}) {note};
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {names}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()""")
        drop.append(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")
    return make, drop


# Posted hours: the ledger only grows.
_HOURS = """
CREATE FUNCTION hours_creditentry_changes_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (year, members)
    SELECT credit_year, array_agg(DISTINCT member_id) FROM new_rows GROUP BY credit_year;
    RETURN NULL;
END $$;
CREATE TRIGGER hours_creditentry_changes_balances AFTER INSERT ON hours_creditentry
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION hours_creditentry_changes_balances()
"""
_FORGET_HOURS = """
DROP TRIGGER hours_creditentry_changes_balances ON hours_creditentry;
DROP FUNCTION hours_creditentry_changes_balances()
"""

# The copies in a balance by which lists are in order.
_COPIES = """
CREATE FUNCTION trainees_member_changes_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (members) VALUES (ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER trainees_member_changes_balances AFTER UPDATE ON trainees_member
    FOR EACH ROW WHEN (OLD.name_pinyin IS DISTINCT FROM NEW.name_pinyin)
    EXECUTE FUNCTION trainees_member_changes_balances();
CREATE FUNCTION schools_organisation_changes_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancechange (members)
    SELECT array_agg(DISTINCT member_id) FROM trainees_membership
    WHERE organisation_id = NEW.id HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER schools_organisation_changes_balances AFTER UPDATE ON schools_organisation
    FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code)
    EXECUTE FUNCTION schools_organisation_changes_balances()
"""
_FORGET_COPIES = """
DROP TRIGGER schools_organisation_changes_balances ON schools_organisation;
DROP FUNCTION schools_organisation_changes_balances();
DROP TRIGGER trainees_member_changes_balances ON trainees_member;
DROP FUNCTION trainees_member_changes_balances()
"""

# Settling changes hours, which no index has: with room on its page, no index is written to.
_LEAVE_ROOM = "ALTER TABLE hours_balance SET (fillfactor = 70)"
_FILL_UP = "ALTER TABLE hours_balance RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("hours", "0007_balances")]

    operations = [
        migrations.RunSQL(_LEAVE_ROOM, _FILL_UP),
        migrations.RunSQL(_HOURS, _FORGET_HOURS),
        *[migrations.RunSQL(*_note_facts(table, members)) for table, members in _FACTS.items()],
        migrations.RunSQL(_COPIES, _FORGET_COPIES),
    ]
