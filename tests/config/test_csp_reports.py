"""What browsers report about the policy is counted, and logged without people."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from config import csp_reports
from config.lib.request_metrics import request_metrics

URL = reverse("csp_report")
REPORT = {
    "document-uri": "https://x.example/members/7/?q=王芳",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/a.js?member=7",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_minute_of_its_own(monkeypatch):
    monkeypatch.setattr(csp_reports, "_gate", csp_reports._Gate())


def send(body: bytes | dict | list, client: Client | None = None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    browser = client or Client(enforce_csrf_checks=True)
    return browser.post(URL, data, content_type="application/csp-report")


def counted(directive: str) -> float:
    names = {"directive": directive}
    return request_metrics().get_sample_value("xuetang_csp_reports_total", names) or 0


@pytest.mark.parametrize(
    "body",
    [
        {"csp-report": REPORT},
        [
            {
                "type": "csp-violation",
                "body": {
                    "documentURL": REPORT["document-uri"],
                    "effectiveDirective": "script-src-elem",
                    "blockedURL": REPORT["blocked-uri"],
                },
            }
        ],
    ],
    ids=["report-uri", "report-to"],
)
def test_a_report_is_counted_and_logged_without_people(body, caplog):
    before = counted("script-src-elem")

    assert send(body).status_code == 204

    assert counted("script-src-elem") == before + 1
    assert "script-src-elem of https://evil.example on trainees:member" in caplog.text
    assert "王芳" not in caplog.text
    assert "member=7" not in caplog.text


def test_words_of_a_stranger_are_neither_labels_nor_lines(caplog):
    before = counted("other")
    send({"csp-report": {"effective-directive": "王芳\n", "blocked-uri": "x\ny"}})

    assert counted("other") == before + 1
    assert "王芳" not in caplog.text
    assert "refused other of other on none" in caplog.text


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"7", b"[" * 3000, b"[null, 7]", b'{"csp-report": 7}', b"\xff"]
)
def test_anything_else_is_taken_and_forgotten(body, caplog):
    assert send(body).status_code == 204
    assert "refused" not in caplog.text


def test_a_large_one_is_not_read(caplog):
    assert send(b'"' + b"x" * csp_reports.MOST_BYTES + b'"').status_code == 413


def test_the_log_is_not_filled(caplog):
    for _ in range(csp_reports.LINES_PER_MINUTE + 5):
        send({"csp-report": REPORT})

    assert caplog.text.count("The policy refused") == csp_reports.LINES_PER_MINUTE


def test_every_page_names_the_address():
    policy = Client().get(reverse("accounts:sign_in")).headers["Content-Security-Policy"]

    assert f"report-uri {URL}" in policy
