#!/usr/bin/env python
"""Django's command line, with a database to talk to."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

try:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
except ModuleNotFoundError:
    sys.exit("Django is not installed here: run `make setup` and use .venv/bin/python manage.py.")

from config.embedded import DatabaseUnavailable

WITHOUT_DATABASE = {"help", "version", "--help", "-h", "--version"}


def provide_database() -> None:
    """Start the embedded PostgreSQL if need be; a server has none. Raises DatabaseUnavailable."""
    if find_spec("dev"):
        import_module("dev.embedded_postgres").provide_database()


def main() -> None:
    """Run the command. Exits with one line and status 1 without a database or proper settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if not WITHOUT_DATABASE.intersection(sys.argv[1:2] or ["help"]):
        try:
            provide_database()
        except DatabaseUnavailable as error:
            sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
