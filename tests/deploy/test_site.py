"""The guide leads from an empty machine, without any network, to a served site."""

from __future__ import annotations

import json
import re

import pytest

from tests.deploy.conftest import PASSWORD
from tests.deploy.machine import Machine
from tests.services.conftest import wait_for

pytestmark = pytest.mark.xdist_group("machine")

HOST = "xuetang.example.cn"
# curl as a browser of the district, which trusts the certificate.
CURL = (
    f"curl --silent --show-error --cacert /etc/xuetang/tls/certificate.pem --resolve {HOST}:443:127"
    f".0.0.1 --resolve {HOST}:80:127.0.0.1 --cookie /tmp/jar --cookie-jar /tmp/jar"
)
SITE = f"https://{HOST}"


@pytest.fixture
def site(told: str, machine: Machine) -> Machine:
    return machine


def query(site: Machine, sql: str) -> str:
    return site.run(f'cd /; runuser -u postgres -- psql -Atc "{sql}" xuetang').stdout.strip()


def test_the_guide_ends_with_a_served_page(told: str):
    answers = [json.loads(line) for line in told.splitlines() if line.startswith('{"status"')]

    assert answers == [{"status": "ok", "database": "ok", "broker": "ok"}]
    assert "no issues" in told
    assert told.endswith("\n200\n")


def test_the_units_are_well_formed_and_confined(site):
    units = "/etc/systemd/system/xuetang-*"
    assert site.run(f"systemd-analyze verify {units}").stdout == ""

    # From 0, safe, to 100; services of Debian without confinement have more than 90.
    for name in ("web", "worker", "beat", "backup", "restore-drill"):
        site.run(f"systemd-analyze security --offline=true --threshold=20 xuetang-{name}.service")


def sign_in(site: Machine, name: str, password: str, *headers: str) -> str:
    """The status and the address that the answer leads to."""
    page = site.run(f"rm -f /tmp/jar; {CURL} {SITE}/sign-in/").stdout
    token = re.search('name="csrfmiddlewaretoken" value="(.*?)"', page)
    assert token
    extra = "".join(f" --header '{header}'" for header in headers)
    return site.run(
        f"{CURL} --referer {SITE}/sign-in/ --data csrfmiddlewaretoken={token[1]} --output /dev/null"
        f" --data username={name} --data-urlencode 'password={password}'{extra}"
        f" --write-out '%{{http_code}} %{{redirect_url}}' {SITE}/sign-in/"
    ).stdout


def test_the_first_administrator_signs_in(site):
    assert sign_in(site, "security.admin", PASSWORD).startswith(f"302 {SITE}/")
    assert "王安" in site.run(f"{CURL} --location {SITE}/").stdout


def test_nobody_chooses_the_address_under_which_he_is_known(site):
    headers = ["X-Forwarded-For: 203.0.113.9", "X-Real-IP: 203.0.113.9"]
    assert sign_in(site, "nobody", "wrong", *headers).startswith("200")

    assert query(site, "SELECT DISTINCT host(network) FROM accounts_guess") == "127.0.0.1"


def test_plain_http_leads_to_tls(site):
    shown = site.run(f"{CURL} --write-out '%{{redirect_url}}' --output /dev/null http://{HOST}/a?b")

    assert shown.stdout == f"{SITE}/a?b"


def test_another_host_name_is_refused(site):
    shown = site.run(f"{CURL} --insecure --header 'Host: evil.example' {SITE}/sign-in/ -o /dev/null"
                     " --write-out '%{http_code}'")  # fmt: skip

    assert shown.stdout == "400"


def test_static_files_come_compressed_and_may_be_kept(site):
    page = site.run(f"{CURL} {SITE}/sign-in/").stdout
    sheet = re.search(r'href="(/static/\S+\.css)"', page)
    assert sheet
    headers = site.run(f"{CURL} --compressed --head {SITE}{sheet[1]}").stdout.lower()

    assert headers.startswith("http/2 200")
    assert "content-encoding: gzip" in headers
    assert "immutable" in headers


def test_the_portal_itself_answers_an_upload_that_is_too_large(site):
    """With its own page, through the proxy that does not take the body in."""
    script = (
        f"head -c 20971521 /dev/zero >/tmp/large; {CURL} --form file=@/tmp/large {SITE}/sign-in/"
    )
    answer = site.run(f"{script} --write-out '%{{http_code}}'").stdout

    assert answer.endswith("413")
    assert "20" in answer
    assert 'lang="zh-hans"' in answer


def test_the_state_of_the_servers_is_shown_to_the_machine_alone(site):
    assert '"ok"' in site.run(f"{CURL} {SITE}/healthz").stdout
    config = site.run("nginx -T").stdout
    assert re.search(r"location /healthz \{\s*allow 127.0.0.1;\s*allow ::1;\s*deny all;", config)


def test_the_worker_works(site):
    code = "from hours.tasks import verify_ledger; verify_ledger.delay()"
    site.run(f'xuetang manage shell --verbosity 0 --command "{code}"')

    wait_for(lambda: query(site, "SELECT count(*) FROM hours_ledgercheck") == "1", seconds=120)


def test_beat_keeps_its_clock_where_it_may_write(site):
    wait_for(lambda: "beat-schedule" in site.run("ls /var/lib/xuetang").stdout, seconds=120)


def test_no_process_knows_the_owner_or_can_change_what_is_append_only(site):
    environments = site.run("cat $(grep -lz DATABASE_URL= /proc/[0-9]*/environ)").stdout
    assert "xuetang_app" in environments
    assert "xuetang_owner" not in environments

    change = "psql \"$DATABASE_URL\" -c 'UPDATE accounts_auditentry SET act = act'"
    done = site.run(f". /etc/xuetang/env; {change}", check=False)
    assert "permission denied" in done.stdout


def test_a_backup_is_made_and_rehearsed(site):
    assert "stored files" in site.run("xuetang manage backup").stdout
    assert site.run("xuetang manage restore_drill").stdout.endswith("no findings\n")

    runs = query(
        site, "SELECT kind, outcome FROM backstage_operationrun WHERE kind ~ 'backup|drill'"
    )
    assert set(runs.splitlines()) == {"backup|ok", "restore_drill|ok"}


def test_a_backup_is_restored_into_what_the_guide_makes(site):
    """As after a fire: another database and an empty folder, made as the guide says."""
    site.run(
        """
        install --directory --mode 0700 /etc/fire
        install --directory --owner xuetang /var/lib/fire
        for file in env owner.env; do
            sed "s#:[0-9]*/xuetang'#:5432/fire'#; s#'/var/lib/xuetang'#'/var/lib/fire'#" \\
                /etc/xuetang/$file >/etc/fire/$file
        done
        XUETANG_CONFIG=/etc/fire /opt/xuetang/current/deploy/create-database.sh
        """
    )
    site.run("xuetang manage backup /var/backups/xuetang/before-the-fire")
    restore = "xuetang manage restore /var/backups/xuetang/before-the-fire"

    assert "no findings" in site.run(f"XUETANG_CONFIG=/etc/fire {restore}").stdout


def test_only_root_reads_the_secrets(site):
    files = "/etc/xuetang/env /etc/xuetang/owner.env /etc/xuetang/tls/key.pem"

    assert site.run(f"stat --format '%U %a' {files}").stdout == "root 600\n" * 3
    done = site.run("runuser -u xuetang -- xuetang manage check", check=False)
    assert "DATABASE_URL is not set" in done.stdout


def test_the_processes_cannot_change_the_release(site):
    done = site.run("find /opt/xuetang ! -user root -o -perm /022 ! -type l")

    assert done.stdout == ""


def test_settings_are_not_overwritten_and_the_database_is_made_once(site):
    before = site.run("cat /etc/xuetang/env").stdout
    done = site.run("/opt/xuetang/current/deploy/configure.sh a.example", check=False)
    script = "/opt/xuetang/current/deploy/create-database.sh"
    again = site.run(script)
    # As in a container of PostgreSQL: the superuser runs it, with the settings in the environment.
    settings = "set -a; . /etc/xuetang/env; . /etc/xuetang/owner.env"
    again.stdout += site.run(f"{settings}; cd /; runuser -u postgres -- {script}").stdout

    assert done.returncode == 1
    assert "stays as it is" in done.stdout
    assert site.run("cat /etc/xuetang/env").stdout == before
    assert again.stdout.count("The database xuetang is there") == 2
    assert "ERROR" not in again.stdout
    assert query(site, "SELECT count(*) FROM accounts_user") == "1"


def test_every_module_finds_its_packages(site):
    """Those of the development group are not there."""
    code = """
import importlib, pathlib
from django.conf import settings
for config in [*settings.INSTALLED_APPS, "config"]:
    folder = pathlib.Path(settings.BASE_DIR, config.partition(".")[0])
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
        name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
        if not name.startswith("config.settings") and "__" not in name:
            importlib.import_module(name)
"""
    site.run(f"xuetang manage shell --verbosity 0 --command '{code}'")
    site.run("xuetang manage shell --verbosity 0 --command 'import kombu.transport.redis'")
