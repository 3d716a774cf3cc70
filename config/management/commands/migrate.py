"""Django's `migrate`, run as the owner of the database, which waits for no lock for long."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.chain.signing import connection_of_this_thread, sign_migration
from accounts.chain.triggers import install_chain
from config.embedded import uses_embedded_server
from config.lib.database_roles import as_owner, let_application_use_new_tables
from config.patience import Patience, StillLockedError


class Command(migrate.Command):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type]
        default = Patience()
        for name, kind, value, what in (
            ("--lock-seconds", float, default.lock_seconds, "seconds an attempt waits for a lock"),
            ("--pause-seconds", float, default.pause_seconds, "seconds between two attempts"),
            ("--attempts", int, default.attempts, "attempts before it gives up"),
        ):
            parser.add_argument(name, type=kind, default=value, help=f"{what} (default: {value})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate as the owner and let the application's role use new tables.

        Raises CommandError if the database predates the restart of the migrations, or if somebody
        holds a lock all the time.
        """
        if options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        with as_owner() as connection:
            refuse_earlier_database(connection)
            if not (options["plan"] or options["check_unapplied"]):
                let_application_use_new_tables(connection)
            patience = Patience(
                options["lock_seconds"],
                options["pause_seconds"],
                options["attempts"],
                tell=self._tell,
            )
            try:
                patience.run(connection, lambda: self._migrate(*args, **options))
            except StillLockedError as error:
                raise CommandError(
                    f"{error} What was migrated before stays; begin again when it has ended."
                ) from error

    def _migrate(self, *args: Any, **options: Any) -> None:
        """Migrate, sign what migrations write to covered tables, and make their triggers anew."""
        connection = connection_of_this_thread()
        connection.before_each_commit = sign_migration
        try:
            super().handle(*args, **options)
        finally:
            connection.before_each_commit = None
        if not (options["plan"] or options["check_unapplied"]):
            install_chain()

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def refuse_earlier_database(connection: BaseDatabaseWrapper) -> None:
    """Raise CommandError if migrations of ours that no longer exist made this database.

    If all existing migrations are applied too, a later portal made it and there is nothing to do.
    """
    ours = {
        config.label
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
    }
    loaded = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    existing = {key for key in loaded if key[0] in ours}
    replaced = {key for migration in loaded.values() for key in migration.replaces}
    applied = {key for key in MigrationRecorder(connection).applied_migrations() if key[0] in ours}
    gone = sorted(applied - existing - replaced)
    if not gone or existing <= applied:
        return
    if uses_embedded_server():
        remedy = f"remove the folder {settings.VAR_DIR} and run `make run`"
    else:
        remedy = "name an empty database in DATABASE_URL"
    raise CommandError(
        f"This database is from an earlier portal, whose migrations began anew "
        f"({'.'.join(gone[0])} is gone). To begin anew, {remedy}."
    )
