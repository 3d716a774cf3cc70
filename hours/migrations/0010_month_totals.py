"""Each posting adds to the totals of its month, in its own transaction."""

from django.db import migrations

COLUMNS = "year, month, school_id, organisation_id, category, hours"
TOTALS = """
    SELECT credit_year, extract(month FROM occurred_on), school_id, organisation_id, category,
           sum(hours){more}
    FROM {entries} GROUP BY 1, 2, 3, 4, 5"""
# Acts only add rows, so none waits for another.
ADD = f"""
CREATE FUNCTION hours_creditentry_adds_to_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hours_monthtotal ({COLUMNS}) {TOTALS.format(more="", entries="new_rows")};
    RETURN NULL;
END $$;
CREATE TRIGGER hours_creditentry_adds_to_totals AFTER INSERT ON hours_creditentry
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION hours_creditentry_adds_to_totals()
"""
# The trigger locks the ledger until this commits, so what was posted before is added up once.
ADD_UP = f"""
INSERT INTO hours_monthtotal ({COLUMNS}, is_settled)
{TOTALS.format(more=", true", entries="hours_creditentry")}
"""
FORGET = """
DROP TRIGGER hours_creditentry_adds_to_totals ON hours_creditentry;
DROP FUNCTION hours_creditentry_adds_to_totals()
"""


class Migration(migrations.Migration):
    dependencies = [("hours", "0009_balance_counts")]

    operations = [
        migrations.RunSQL(ADD, FORGET),
        migrations.RunSQL(ADD_UP, "DELETE FROM hours_monthtotal"),
    ]
