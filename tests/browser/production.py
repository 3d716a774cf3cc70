"""A site of its own under the production settings, with nothing in it, behind TLS."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from dev.embedded_postgres import BASE_DIR
from tests.services.conftest import free_port, wait_for

HOST = "127.0.0.1"
START_SECONDS = 120


@contextmanager
def new_database() -> Iterator[str]:
    """The name of an empty database, which the owner makes and drops."""
    name = f"test_site_{os.getpid()}"
    owner = psycopg2.connect(_owner_url())
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            owner.close()


class Site:
    """Settings with fresh keys, commands, and the processes that `deploy/xuetang` starts."""

    def __init__(self, folder: Path, database: str, redis_url: str) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"https://{HOST}:{self.port}"
        self._of_site = {
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ENCRYPTION_KEYS": f"v1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "DIGEST_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": _address_of(database, os.environ["DATABASE_URL"]),
            "REDIS_URL": redis_url,
            "XUETANG_VAR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "WEB_CONCURRENCY": "2",
        }
        self._of_owner = {"DATABASE_OWNER_URL": _address_of(database, _owner_url())}

    @property
    def log(self) -> str:
        return "".join((self.folder / f"{name}.log").read_text() for name in ("web", "worker"))

    def manage(self, *arguments: str, typed: str = "") -> str:
        """What a command of manage.py says; it must succeed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self._environment | self._of_owner,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # so that passwords are read from `typed`
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        """As a unit has it: nothing of the settings of these tests."""
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        return {name: os.environ[name] for name in kept if name in os.environ} | self._of_site

    def prepare(self) -> None:
        """Migrate the database and gather the front-end files, at the same time."""
        with subprocess.Popen(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            cwd=BASE_DIR,
            env=self._environment,
        ) as collecting:
            self.manage("migrate", "--no-input", "--verbosity=0")
        assert collecting.returncode == 0

    @contextmanager
    def running(self, process: str, **extra: str) -> Iterator[None]:
        """The web server or the worker. Its end has happened when the block has ended."""
        with (self.folder / f"{process}.log").open("ab") as log:
            started = subprocess.Popen(
                ["deploy/xuetang", process],
                cwd=BASE_DIR,
                env=self._environment | extra,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with started:
            try:
                yield
            finally:
                started.send_signal(signal.SIGTERM)

    def certify(self) -> str:
        """What gunicorn is told, so that it speaks TLS itself with a certificate of its own.

        A browser opens connections ahead of its requests. Without nginx in front, each of them
        occupies a thread.
        """
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}"),
                *("-keyout", key, "-out", certificate),
            ],
            capture_output=True,
            check=True,
        )
        return f"--bind={HOST}:{self.port} --certfile={certificate} --keyfile={key} --threads=32"

    def is_ready(self) -> bool:
        trusted = ssl.create_default_context(cafile=self.folder / "certificate.pem")
        try:
            with urllib.request.urlopen(
                f"{self.address}/healthz/ready", timeout=5, context=trusted
            ) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextmanager
def running_site(folder: Path, redis_url: str) -> Iterator[Site]:
    """A site as it is after installation: migrated, served, with a worker, and nobody in it."""
    with ExitStack() as stack:
        site = Site(folder, stack.enter_context(new_database()), redis_url)
        site.prepare()
        stack.enter_context(site.running("worker"))
        stack.enter_context(site.running("web", GUNICORN_CMD_ARGS=site.certify()))
        wait_for(site.is_ready, START_SECONDS)
        yield site


def _owner_url() -> str:
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def _address_of(database: str, url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
