"""Lines reach a file, the local syslog or a server, or it is said that they did not."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.lib.log_targets import (
    LocalSyslog,
    LogFile,
    SyslogServer,
    TargetError,
    target_of,
)
from tests.connections import PATIENCE

LINES = ['{"id":1}', '{"id":2}']
# RFC 5424: priority 109 is the facility of audits at the level of a notice.
MESSAGE = re.compile(r"<109>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ xuetang-trail - - - (\{.*\})")


class TestASetting:
    @pytest.mark.parametrize(
        ("text", "target"),
        [
            ("/var/log/trail.log", LogFile(Path("/var/log/trail.log"))),
            ("syslog:collector:601", SyslogServer("collector", 601)),
            ("syslog:[::1]:601", SyslogServer("::1", 601)),
            ("syslog+udp:10.0.0.9:514", SyslogServer("10.0.0.9", 514, by_udp=True)),
        ],
    )
    def test_names_a_target(self, text, target):
        assert target_of(text) == target

    def test_of_a_socket_is_the_local_syslog(self, tmp_path):
        path = tmp_path / "log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
            daemon.bind(str(path))

            assert target_of(str(path)) == LocalSyslog(path)

    @pytest.mark.parametrize(
        "text", ["trail.log", "syslog:collector", "syslog::601", "syslog:a:0", "syslog:a:x", "x:y"]
    )
    def test_that_leads_nowhere_is_refused(self, text):
        with pytest.raises(TargetError, match="give"):
            target_of(text)


class TestAServerByTcp:
    def test_gets_a_message_per_line_and_gives_a_receipt_by_closing(self):
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

            def collect() -> str:
                taken, _address = server.accept()
                with taken, taken.makefile() as text:
                    return text.read()

            collected = pool.submit(collect)
            SyslogServer("127.0.0.1", server.getsockname()[1]).send(LINES)
            messages = collected.result(PATIENCE).splitlines()

        assert [MESSAGE.fullmatch(message)[1] for message in messages] == LINES

    def test_that_is_away_took_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(TargetError, match=f"127.0.0.1:{port}: .*refused"):
            SyslogServer("127.0.0.1", port).send(LINES)

    def test_that_never_answers_took_nothing_for_sure(self, monkeypatch):
        monkeypatch.setattr("config.lib.log_targets._SECONDS", 0.1)
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            pytest.raises(TargetError, match="timed out"),
        ):
            SyslogServer("127.0.0.1", server.getsockname()[1]).send(LINES)


def test_a_server_by_udp_gets_a_datagram_per_line():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        SyslogServer("127.0.0.1", server.getsockname()[1], by_udp=True).send(LINES)
        messages = [server.recv(65_536).decode() for _ in LINES]

    assert [MESSAGE.fullmatch(message)[1] for message in messages] == LINES


class TestTheLocalSyslog:
    def test_gets_a_datagram_per_line_with_level_and_name(self, tmp_path):
        path = tmp_path / "log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
            daemon.bind(str(path))
            daemon.settimeout(PATIENCE)
            LocalSyslog(path).send(LINES)
            messages = [daemon.recv(65_536).decode() for _ in LINES]

        assert messages == [f"<109>xuetang-trail: {line}" for line in LINES]

    def test_that_is_away_took_nothing(self, tmp_path):
        with pytest.raises(TargetError, match="No such file"):
            LocalSyslog(tmp_path / "log").send(LINES)


class TestAFile:
    def test_grows(self, tmp_path):
        file = LogFile(tmp_path / "trail.log")
        file.send(LINES[:1])
        file.send(LINES[1:])

        assert (tmp_path / "trail.log").read_text().splitlines() == LINES

    def test_of_a_folder_that_is_missing_took_nothing(self, tmp_path):
        with pytest.raises(TargetError, match="No such file"):
            LogFile(tmp_path / "none" / "trail.log").send(LINES)
