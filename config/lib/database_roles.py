"""The two roles of the database: the owner, which migrates, and the application.

DATABASES["default"] connects as the application's role and DATABASE_OWNER as the owner. If
DATABASE_OWNER_URL is not set, they are the same role and this module does nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError

SIGN_IN = ("HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


def has_two_roles() -> bool:
    """Whether the owner and the application are different roles."""
    return settings.DATABASE_OWNER["USER"] != settings.DATABASES[DEFAULT_DB_ALIAS]["USER"]


@contextmanager
def as_owner() -> Iterator[BaseDatabaseWrapper]:
    """Reconnect this thread as the owner, to the same database.

    Other threads keep the application's role. Raises TransactionManagementError inside a
    transaction, because changing the role would break it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    former = connection.settings_dict
    if not has_two_roles() or former["USER"] == settings.DATABASE_OWNER["USER"]:
        yield connection
        return
    if connection.in_atomic_block:
        raise TransactionManagementError("The role cannot change inside a transaction.")
    connection.close()
    connection.settings_dict = former | {
        key: settings.DATABASE_OWNER[key] for key in SIGN_IN if key in settings.DATABASE_OWNER
    }
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict = former


def let_application_use_new_tables(connection: BaseDatabaseWrapper) -> None:
    """Grant the application's role access to the rows of tables that the owner creates later.

    Call it as the owner. It grants no right to change definitions. Existing tables are not
    affected, so rights that were revoked from the role stay revoked.
    """
    if not has_two_roles():
        return
    role = connection.ops.quote_name(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        for rights in (
            "SELECT, INSERT, UPDATE, DELETE ON TABLES",
            "USAGE, SELECT ON SEQUENCES",
        ):
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rights} TO {role}")
