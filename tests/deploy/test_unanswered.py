"""nginx answers for a portal that does not, with a page that names the request."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dev.embedded_postgres import BASE_DIR
from tests.services.conftest import free_port, wait_for

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
NGINX = shutil.which("nginx", path=PATH)

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

# What Debian's nginx.conf has around a site.
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@pytest.fixture
def upstream() -> Iterator[socket.socket]:
    """A port where nobody listens yet."""
    with socket.socket() as portal:
        portal.bind(("127.0.0.1", 0))
        yield portal


@pytest.fixture
def port(tmp_path: Path, upstream: socket.socket) -> Iterator[int]:
    """The port of nginx with the site of deploy/ before the portal at `upstream`."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    site = (BASE_DIR / "deploy" / "xuetang.nginx.conf").read_text("utf-8")
    site = re.sub(r" *listen .*:(80|443).*;\n", "", site)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{upstream.getsockname()[1]}")
    site = site.replace("/etc/xuetang/tls", str(tmp_path))
    site = site.replace("proxy_read_timeout 60s;", "proxy_read_timeout 1s;")
    (tmp_path / "site.conf").write_text(site, "utf-8")
    (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path), "utf-8")
    process = subprocess.Popen([NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
    with process:
        wait_for(lambda: _is_open(port) or process.poll() is not None, seconds=60)
        yield port
        process.terminate()


def _is_open(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int) -> tuple[http.client.HTTPResponse, str]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    with closing(connection):
        connection.request("GET", "/members/4711/", headers={"Host": "xuetang.example.cn"})
        answer = connection.getresponse()
        return answer, answer.read().decode()


@pytest.mark.parametrize(("listens", "status"), [(False, 502), (True, 504)])
def test_the_page_names_the_request_and_what_to_do(port, upstream, listens, status):
    if listens:
        upstream.listen()

    answer, page = ask(port)

    number = answer.headers["X-Request-ID"]
    assert answer.status == status
    assert re.fullmatch("[0-9a-f]{32}", number)
    assert f"<b>{number}</b>" in page
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "请等一分钟" in page
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", page)
    assert "nginx" not in page
