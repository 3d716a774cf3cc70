"""The table of Django's own sessions, which nothing reads any more.

Processes of the former version stop before. Back again, the table is as Django's migration of that
app makes it, which is then recorded as carried out.
"""

from django.db import migrations

AS_IT_WAS = """
CREATE TABLE IF NOT EXISTS django_session (
    session_key varchar(40) NOT NULL PRIMARY KEY,
    session_data text NOT NULL,
    expire_date timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS django_session_session_key_c0390e0f_like
    ON django_session (session_key varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS django_session_expire_date_a5c62663 ON django_session (expire_date);
INSERT INTO django_migrations (app, name, applied)
SELECT 'sessions', '0001_initial', now()
WHERE NOT EXISTS (
    SELECT FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0051_browser_sessions"),
    ]

    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", AS_IT_WAS),
    ]
