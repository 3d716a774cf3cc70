"""The numbers of balances follow in the statement that writes balances, by all that lists and
figures are narrowed to."""

from django.db import migrations

ALIKE = "year, school_id, organisation_id, audience, rule_group, verdict"
EVENTS = {
    "INSERT": ("SELECT *, 1 AS n FROM new_rows", "NEW TABLE AS new_rows"),
    "UPDATE": (
        "SELECT *, 1 AS n FROM new_rows UNION ALL SELECT *, -1 FROM old_rows",
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    ),
    "DELETE": ("SELECT *, -1 AS n FROM old_rows", "OLD TABLE AS old_rows"),
}
COUNT = f"""
CREATE FUNCTION hours_balance_{{name}}_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_balancecount AS kept ({ALIKE}, members)
    SELECT {ALIKE}, sum(n) FROM ({{rows}}) changed
    WHERE verdict <> 'none' GROUP BY {ALIKE} HAVING sum(n) <> 0 ORDER BY {ALIKE}
    ON CONFLICT ({ALIKE}) DO UPDATE SET members = kept.members + excluded.members;
    RETURN NULL;
END $$;
CREATE TRIGGER hours_balance_{{name}}_counts AFTER {{event}} ON hours_balance
    REFERENCING {{names}}
    FOR EACH STATEMENT EXECUTE FUNCTION hours_balance_{{name}}_counts();
"""  # noqa: S608 - fixed text, no input
FORGET = """
DROP TRIGGER hours_balance_{name}_counts ON hours_balance;
DROP FUNCTION hours_balance_{name}_counts();
"""


def count(event):
    rows, names = EVENTS[event]
    name = event.lower()
    values = {"name": name, "event": event, "rows": rows, "names": names}
    return migrations.RunSQL(COUNT.format(**values), FORGET.format(name=name))


class Migration(migrations.Migration):
    dependencies = [("hours", "0008_balance_changes")]

    operations = [*map(count, EVENTS)]
