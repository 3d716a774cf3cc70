"""The rights of the application's database role, granted again after each migration."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from config.lib.append_only import append_only_models
from config.lib.versions import versioned_models


def grant_privileges(
    sender: AppConfig,  # noqa: ARG001 - the signal's signature
    using: str = DEFAULT_DB_ALIAS,
    **_: Any,
) -> None:
    """Let the application's role read and write, but only append to append-only tables.

    Receives `post_migrate`. Does nothing if one role serves both purposes.
    """
    connection = connections[using]
    role = settings.DATABASES[using]["USER"]
    if role == connection.settings_dict["USER"]:
        return
    quoted = connection.ops.quote_name(role)
    tables = [m._meta.db_table for m in append_only_models()]
    tables += [m.past_table() for m in versioned_models()]
    append_only = [connection.ops.quote_name(table) for table in tables]
    # One transaction, so no append-only table is writable between the two statements.
    with transaction.atomic(using), connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}")
        closed = [name for name in append_only if name.strip('"') in existing]
        if closed:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(closed)} FROM {quoted}")
