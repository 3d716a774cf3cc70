"""The table of Django's own sessions, which nothing reads any more."""

from django.db import migrations

# As Django's migration of that app made it, which stays recorded as carried out.
AS_IT_WAS = """
CREATE TABLE IF NOT EXISTS django_session (
    session_key varchar(40) NOT NULL PRIMARY KEY,
    session_data text NOT NULL,
    expire_date timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS django_session_expire_date_a5c62663 ON django_session (expire_date);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0051_browser_sessions"),
    ]

    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", AS_IT_WAS),
    ]
