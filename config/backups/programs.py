"""PostgreSQL's own programs: found to fit the server, and signed in through the environment."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.backups.errors import BackupError
from config.embedded import DatabaseUnavailable, find_programs

# Where Debian and Red Hat keep the programs of each release; the PATH has only one of them.
_INSTALLED = ((Path("/usr/lib/postgresql"), "*/bin"), (Path("/usr"), "pgsql-*/bin"))
_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "gssencmode": "PGGSSENCMODE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
}


def find_program(name: str, *, release: int) -> Path:
    """The program of this release of PostgreSQL, or else of the nearest later one.

    An older one cannot read a newer server. Raises BackupError if there is none.
    """
    found: dict[int, Path] = {}
    for path in _candidates(name):
        found.setdefault(_release_of(path), path)
    fitting = [one for one in found if one >= release]
    if not fitting:
        others = ", ".join(str(one) for one in sorted(found) if one) or "none"
        raise BackupError(
            f"{name} of PostgreSQL {release} or later is needed (found: {others}): install the "
            f"package postgresql-client-{release}."
        )
    return found[min(fitting)]


def run_program(path: Path, *arguments: str, server: dict[str, Any]) -> None:
    """Run a program on the database of `server`, as in DATABASES. Raises BackupError.

    The password goes through the environment, since everybody may read a command line.
    """
    done = subprocess.run(
        [path, *arguments],
        env=os.environ | _environment(server),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise BackupError(f"{path.name} failed: {lines[0]}")


def _candidates(name: str) -> list[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    for base, pattern in _INSTALLED:
        folders += sorted(base.glob(pattern))
    with suppress(DatabaseUnavailable):
        folders.append(find_programs())
    return [folder / name for folder in folders if shutil.which(name, path=str(folder))]


def _release_of(path: Path) -> int:
    """The release in the answer to --version; 0 if there is none."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    release = re.search(r"\) (\d+)", answer.stdout)
    return int(release[1]) if release else 0


def _environment(server: dict[str, Any]) -> dict[str, str]:
    options = server.get("OPTIONS", {})
    named = {
        "PGHOST": server.get("HOST"),
        "PGPORT": server.get("PORT"),
        "PGUSER": server.get("USER"),
        "PGPASSWORD": server.get("PASSWORD"),
        "PGDATABASE": server["NAME"],
    } | {variable: options.get(option) for option, variable in _VARIABLES.items()}
    return {name: str(value) for name, value in named.items() if value}
