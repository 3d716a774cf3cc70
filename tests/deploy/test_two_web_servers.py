"""Two web servers behind PgBouncer, with one database and one folder of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import factories
from tests.deploy import guide
from tests.deploy.machine import Machine
from tests.deploy.test_site import CURL, HOST, SITE, query, sign_in
from tests.services.conftest import wait_for

pytestmark = pytest.mark.xdist_group("machine")

NAME = "li.na"
OTHER = f"https://{HOST}:8443"
VISIT = f"{CURL} --resolve {HOST}:8443:127.0.0.1 --retry 5 --retry-connrefused"
# The person signs in from a shell, which has no app for codes.
BEGIN = f"""
echo "SECOND_FACTOR='0'" >>/etc/xuetang/env
{guide.commands("PgBouncer")}
systemctl restart xuetang-web
cd /etc/systemd/system
sed s/8000/8001/ xuetang-web.socket >second-web.socket
cp xuetang-web.service second-web.service
systemctl start second-web
sed 's/\\b443\\b/8443/; s/\\b80;/8080;/; s/8000/8001/' /etc/nginx/sites-available/xuetang \
    >/etc/nginx/sites-enabled/second
systemctl reload nginx
"""
END = """
sed -i /^SECOND_FACTOR=/d /etc/xuetang/env
systemctl restart xuetang-web
systemctl stop second-web
rm /etc/nginx/sites-enabled/second
systemctl reload nginx
"""
# A member who also works at the organisation department.
PERSON = f"""
from factories import *
user = make_user('{NAME}')
grant(user, Role.ORGANISATION_DEPARTMENT)
make_member(make_organisation(make_school()), user=user)
"""
TABLE = "党支部,姓名,身份证号\n没有的支部,王芳,无\n"


@pytest.fixture(scope="module")
def servers(told: str, machine: Machine) -> Iterator[Machine]:
    """The machine of the guide with a second web server, at a port of its own, and PgBouncer.

    PgBouncer stays: the site works on through it.
    """
    machine.run(BEGIN)
    source = Path(factories.__file__).read_text()
    machine.run("install -D --mode 0644 /dev/stdin /tmp/given/factories.py", stdin=source)
    shell = 'PYTHONPATH=/tmp/given xuetang manage shell --verbosity 0 --command "$(cat)"'
    machine.run(shell, stdin=PERSON)
    yield machine
    machine.run(END)


@pytest.fixture
def signed_in(servers: Machine) -> Machine:
    """The cookies are those of somebody who signed in on the first server."""
    assert sign_in(servers, NAME, factories.PASSWORD) == f"302 {SITE}/"
    return servers


def own_hours(machine: Machine) -> set[str]:
    """The statuses of a page with prepared statements: on both servers, from all their threads."""
    pages = f"'{{{SITE},{OTHER}}}/my/hours/?again=[1-12]'"
    return set(
        machine.run(
            f"{VISIT} --parallel --no-progress-meter --output /dev/null"
            f" --write-out '%{{http_code}}\\n' {pages}"
        ).stdout.split()
    )


def connections(machine: Machine) -> set[str]:
    """The processes of PostgreSQL that serve the application's role."""
    return set(
        query(machine, "SELECT pid FROM pg_stat_activity WHERE usename = 'xuetang_app'").split()
    )


def test_who_signs_in_on_one_goes_on_on_the_other(signed_in):
    page = signed_in.run(f"{VISIT} {OTHER}/my/hours/").stdout

    assert "我的学时" in page
    signed_in.run(f"{VISIT} --output /dev/null {OTHER}/sign-in/")
    assert own_hours(signed_in) == {"200"}


def test_prepared_statements_outlive_a_restart_of_the_pooler(signed_in):
    assert own_hours(signed_in) == {"200"}
    before = connections(signed_in)
    # With the passwords set anew, which the pooler must look up anew.
    signed_in.run("/opt/xuetang/current/deploy/create-database.sh; systemctl restart pgbouncer")

    assert [own_hours(signed_in), own_hours(signed_in)] == [{"200"}, {"200"}]
    assert before
    wait_for(lambda: not before & connections(signed_in))
    assert connections(signed_in)


def test_every_process_goes_through_the_pooler(signed_in):
    environments = signed_in.run("cat $(grep -lz ^DATABASE_URL= /proc/[0-9]*/environ)").stdout

    assert "xuetang_app" in environments
    assert ":5432/" not in environments
    shown = signed_in.run(
        "cd /; runuser -u postgres -- psql -h /run/postgresql -p 6432 -U pgbouncer pgbouncer"
        " --expanded -c 'SHOW POOLS'"
    ).stdout
    assert set(re.findall(r"^pool_mode +\| (\w+)$", shown, re.MULTILINE)) >= {"session"}


def test_a_file_and_its_job_belong_to_both(signed_in):
    """Uploaded on the first, read by the worker, shown and downloaded by the second."""
    signed_in.run("cat >/tmp/register.csv", stdin=TABLE)
    page = signed_in.run(f"{VISIT} {SITE}/register/").stdout
    fields = {
        name: re.search(rf'name="{name}" value="(.*?)"', page)[1]
        for name in ("csrfmiddlewaretoken", "idempotency_key", "as_of")
    }
    form = " ".join(f"--form {name}={value}" for name, value in fields.items())
    sent = signed_in.run(
        f"{VISIT} --referer {SITE}/register/ {form} --form 'file=@/tmp/register.csv;type=text/csv'"
        f" --output /dev/null --write-out '%{{redirect_url}}' {SITE}/register/"
    ).stdout
    number = re.fullmatch(rf"{SITE}/register/(\d+)/", sent)
    assert number, sent

    row = f"FROM trainees_registerimport WHERE id = {number[1]}"
    wait_for(lambda: query(signed_in, f"SELECT state {row}") == "ready", seconds=120)
    assert "王芳" in signed_in.run(f"{VISIT} {OTHER}/register/{number[1]}/").stdout
    key = query(
        signed_in, f"SELECT key FROM backstage_storedfile WHERE id = (SELECT file_id {row})"
    )
    assert signed_in.run(f"{VISIT} --fail {OTHER}/files/{key}/").stdout == TABLE
    assert query(signed_in, "SELECT attempts, state FROM backstage_job") == "1|done"
