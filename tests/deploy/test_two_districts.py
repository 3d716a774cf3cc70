"""Two districts share PostgreSQL and Redis, and neither gets anything of the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy import guide
from tests.deploy.machine import Machine
from tests.services.conftest import wait_for

pytestmark = pytest.mark.xdist_group("machine")

FIRST = "/etc/xuetang"
SECOND = "/etc/xuetang-jinghai"
NAMES = guide.commands("Several districts").replace(f"{FIRST}/", f"{SECOND}/")
FOUND = f"""
export XUETANG_CONFIG={SECOND}
/opt/xuetang/current/deploy/configure.sh jinghai.example.cn
{NAMES}
sed -i s:/var/lib/xuetang:/var/lib/jinghai: {SECOND}/env
/opt/xuetang/current/deploy/create-database.sh
xuetang manage migrate --verbosity 0
cd /etc/systemd/system
sed 's:/etc/xuetang/:{SECOND}/:; s:^StateDirectory=.*:StateDirectory=jinghai:' \
    xuetang-worker.service >jinghai-worker.service
systemctl start jinghai-worker
"""


@pytest.fixture(scope="module")
def shared(told: str, machine: Machine) -> Iterator[Machine]:
    """The machine of the guide with the database and the worker of a second district."""
    machine.run(FOUND)
    yield machine
    machine.run("systemctl stop jinghai-worker")


def checks(machine: Machine, database: str) -> int:
    """How often a worker has checked the ledger of that database."""
    sql = "SELECT count(*) FROM hours_ledgercheck"
    return int(machine.run(f'cd /; runuser -u postgres -- psql -Atc "{sql}" {database}').stdout)


def send(machine: Machine, folder: str, code: str) -> str:
    """What the code prints with the Celery app of the site that has its settings in `folder`."""
    return machine.run(
        f"set -a; . {folder}/env; cd /opt/xuetang/current; .venv/bin/python -",
        stdin=f"from config.celery import app\n{code}",
    ).stdout


ORDER = "for _ in range(5): app.send_task('hours.verify_ledger')\n"
TELL = "app.control.broadcast('shutdown')"
ASK = "print(app.control.ping(timeout=60, limit=1))"


def test_no_worker_does_or_heeds_what_another_district_sends(shared):
    redis = shared.run(f"grep --no-filename ^REDIS_URL= {FIRST}/env {SECOND}/env").stdout
    assert len(set(redis.split())) == 1
    shared.run("systemctl stop xuetang-beat xuetang-worker")
    before = checks(shared, "xuetang")

    send(shared, FIRST, ORDER + TELL)
    # These come later, so a mix-up of both does the former first.
    assert "pong" in send(shared, SECOND, ORDER + ASK)
    wait_for(lambda: checks(shared, "jinghai") >= 5, seconds=120)
    assert (checks(shared, "xuetang"), checks(shared, "jinghai")) == (before, 5)

    shared.run("systemctl start xuetang-worker")
    wait_for(lambda: checks(shared, "xuetang") >= before + 5, seconds=120)
    assert (checks(shared, "xuetang"), checks(shared, "jinghai")) == (before + 5, 5)
    shared.run("systemctl start xuetang-beat")


def test_no_role_enters_the_database_of_another_district(shared):
    for folder, database in ((FIRST, "jinghai"), (SECOND, "xuetang")):
        settings = f". {folder}/env; . {folder}/owner.env"
        for url in ("$DATABASE_URL", "$DATABASE_OWNER_URL"):
            psql = f'psql "${{url%/*}}/{database}" -c "SELECT 1"'
            done = shared.run(f"{settings}; url={url}; {psql}", check=False)
            assert "permission denied for database" in done.stdout
