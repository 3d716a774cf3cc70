"""Making and restoring a backup of 38,000 members, beside plain pg_dump and pg_restore.

Both sides use the same options. Ours also copies stored files, takes the digest of everything,
checks it before restoring, migrates, and grants the application's role its rights; the limit
analyses the restored tables too. Verifying comes on top and has a row of its own, without a limit.
Each is measured twice at most, since it takes seconds.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.chain.sealing import seal_acts, set_heads_aside
from config.backups.making import make_backup
from config.backups.manifest import DUMP, Manifest, read_manifest
from config.backups.programs import find_program, run_program
from config.backups.restoring import restore_backup
from config.backups.verifying import verify_restored
from config.lib.database_roles import as_owner
from tests.bench.database import tell
from tests.bench.figures import Row, compare

ASKED = 1.5
TURNS = 2
JOBS = min(os.cpu_count() or 1, 4)
PLAIN = ("--no-owner", "--no-privileges")


def measure_backups() -> list[Row]:
    """A row for making, one for restoring, and one for the whole way back to a verified portal."""
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(Path(name))
        making = compare(
            "backup: database, files, digests",
            asked=ASKED,
            turns=TURNS,
            limit=bench.dump,
            ours=bench.make,
            warm_up=0,
        )
        restoring = compare(
            "restore into an empty database",
            asked=ASKED,
            turns=TURNS,
            limit=bench.plain_restore,
            ours=bench.restore,
            warm_up=0,
        )
        verified = bench.verified
    return [making, restoring, verified]


class _Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0
        self.verified: Row
        with as_owner() as owner:
            self.server = dict(owner.settings_dict)
            self.release = owner.get_database_version()[0]

    def dump(self) -> float:
        """Plain pg_dump."""
        target = self.folder / "plain.dump"
        target.unlink(missing_ok=True)
        options = ["--format=custom", *PLAIN, f"--file={target}"]
        return _seconds(lambda: self._run("pg_dump", *options, server=self.server))

    def make(self) -> float:
        """Our backup."""
        self.made += 1
        return _seconds(lambda: make_backup(self.folder / f"ours-{self.made}"))

    def plain_restore(self) -> float:
        """Plain pg_restore into a new database, which is then analysed."""
        with self._empty_database() as name:
            server = self.server | {"NAME": name}
            options = [f"--dbname={name}", f"--jobs={JOBS}", *PLAIN]
            dump = str(self.folder / "ours-1" / DUMP)

            def restore() -> None:
                self._run("pg_restore", *options, dump, server=server)
                tell(_url_of(name), "VACUUM (ANALYZE)")

            return _seconds(restore)

    def restore(self) -> float:
        """Our restore into a new database; then it is verified, which is measured apart."""
        folder = self.folder / "ours-1"
        former, media = connection.settings_dict["NAME"], settings.MEDIA_ROOT
        with self._empty_database() as name, tempfile.TemporaryDirectory() as files:
            connection.close()
            connection.settings_dict["NAME"], settings.MEDIA_ROOT = name, Path(files)
            try:
                seconds = _seconds(lambda: restore_backup(folder))
                at = timezone.now()
                manifest = read_manifest(folder)
                more = _seconds(lambda: self._verify(folder.name, manifest, at))
            finally:
                connection.close()
                connection.settings_dict["NAME"], settings.MEDIA_ROOT = former, media
        whole = f"{(seconds + more) * 1000:.2f}"
        self.verified = Row("  restored and verified", "", whole, "", "", is_reached=True)
        return seconds

    def _verify(self, name: str, manifest: Manifest, at: datetime) -> None:
        with override_settings(CHAIN_HEADS=self.folder / "heads"):
            set_heads_aside(at)
            seal_acts(at=at)
            found = verify_restored(name, manifest, at=at)
        if found.findings:
            raise AssertionError(str(found))

    def _run(self, program: str, *options: str, server: dict) -> None:
        run_program(find_program(program, release=self.release), *options, server=server)

    @contextmanager
    def _empty_database(self) -> Iterator[str]:
        name = f"{self.server['NAME']}_restored"
        drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        owner = os.environ["DATABASE_OWNER_URL"]
        tell(owner, drop, f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            tell(owner, drop)


def _url_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{name}"))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
