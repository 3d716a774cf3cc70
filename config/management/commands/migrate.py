"""Django's `migrate`, signed in as the owner of the database."""

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from config.lib.database_roles import as_owner, let_application_use_new_tables


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate as the owner, whose new tables the application's role may then use."""
        if options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        with as_owner() as connection:
            if not (options["plan"] or options["check_unapplied"]):
                let_application_use_new_tables(connection)
            super().handle(*args, **options)
