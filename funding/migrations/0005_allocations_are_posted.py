"""Allocations of before the ledger are posted, and from now on never change.

Each gets a transaction that names nobody, since nobody's act can be told of it. The way back
leaves the ledger's rows to the migration that drops its tables.
"""

from django.db import migrations

from config.lib.append_only import ForbidChanges

# One at a time, in order: each transaction is linked to the legs of the one before.
POSTED = """
DO $$
DECLARE
    it record;
    posted bigint;
BEGIN
    FOR it IN SELECT * FROM funding_allocation a WHERE NOT EXISTS (
                  SELECT FROM funding_fundtransaction t WHERE t.allocation_id = a.id)
              ORDER BY school_id, channel, year, id LOOP
        INSERT INTO funding_fundtransaction (school_id, channel, kind, allocation_id, reason,
                                             posted_at)
        VALUES (it.school_id, it.channel, 'taken_over', it.id, '', now())
        RETURNING id INTO posted;
        INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage,
                                     amount)
        VALUES (posted, it.school_id, it.channel, it.year, it.purpose, 'granted', -it.amount),
               (posted, it.school_id, it.channel, it.year, it.purpose, 'available', it.amount);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0004_rules")]

    operations = [
        migrations.RunSQL(POSTED, migrations.RunSQL.noop),
        ForbidChanges("funding_allocation"),
    ]
