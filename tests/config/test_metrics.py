"""Metrics: for the collector alone, and about nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from backstage.enums import JobState, RunOutcome
from backstage.models import Job
from backstage.operations import BACKUP, BEAT, record_run
from config.settings import base

pytestmark = pytest.mark.django_db

ADDRESS = reverse("metrics")
PROXY = "10.0.0.1"


def figures(response) -> dict[tuple, float]:
    """Each sample by its name and labels."""
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


class TestWhoMayRead:
    @pytest.mark.parametrize(
        ("address", "status"),
        [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 404), ("", 404)],
    )
    def test_only_this_machine_unless_told_otherwise(self, client, address, status):
        assert client.get(ADDRESS, REMOTE_ADDR=address).status_code == status

    def test_addresses_and_networks_of_the_setting(self, client, settings):
        settings.METRICS_FROM = ["192.0.2.0/28", "2001:db8::5"]

        for address, status in (("192.0.2.7", 200), ("192.0.2.77", 404), ("2001:db8::5", 200)):
            assert client.get(ADDRESS, REMOTE_ADDR=address).status_code == status

    def test_nobody_through_a_proxy_on_this_machine_that_is_not_trusted(self, client):
        headers = {"x-forwarded-for": "127.0.0.1"}

        assert client.get(ADDRESS, headers=headers).status_code == 404

    def test_a_trusted_proxy_passes_on_the_address(self, client, settings):
        settings.TRUSTED_PROXIES = [PROXY]
        for address, status in (("127.0.0.1", 200), ("192.0.2.7", 404)):
            headers = {"x-forwarded-for": address}
            assert client.get(ADDRESS, REMOTE_ADDR=PROXY, headers=headers).status_code == status


class TestRequests:
    def test_are_counted_by_method_route_and_status(self, client):
        key = ("xuetang_requests_total", "405", "GET", "set_language")
        before = figures(client.get(ADDRESS)).get(key, 0)
        client.get(reverse("set_language"))

        assert figures(client.get(ADDRESS))[key] == before + 1

    def test_are_timed_by_route(self, client):
        client.get(reverse("live"))
        told = figures(client.get(ADDRESS))

        assert told["xuetang_request_seconds_count", "live"] >= 1
        assert told["xuetang_request_seconds_bucket", "+Inf", "live"] >= 1

    def test_name_neither_addresses_nor_methods_that_a_client_thinks_up(self, client):
        client.get("/members/4711/王芳/")
        client.generic("BREW", "/members/4711/")
        # Values may hold any digits; names and labels are what a client could have thought up.
        named = {str(word) for sample in figures(client.get(ADDRESS)) for word in sample}

        assert not [word for word in named if "4711" in word or "BREW" in word]
        assert "other" in named


class TestTheSite:
    def test_jobs_by_state_and_how_long_the_oldest_waits(self, client):
        now = timezone.now()
        hours_ago = [now - timedelta(hours=n) for n in range(3)]
        for at in hours_ago:
            Job.objects.create(kind="x", asked_at=at)
        Job.objects.create(kind="x", asked_at=now, state=JobState.RUNNING)
        for days in (1, 8):
            ended = now - timedelta(days=days)
            Job.objects.create(kind="x", asked_at=ended, ended_at=ended, state=JobState.FAILED)
        told = figures(client.get(ADDRESS))

        assert told["xuetang_jobs", "waiting"] == 3
        assert told["xuetang_jobs", "running"] == 1
        assert told["xuetang_jobs", "failed within 7 days"] == 1
        assert 7200 <= told["xuetang_outbox_age_seconds",] < 7260

    def test_ages_of_beat_and_backup_once_there_is_one(self, client):
        assert ("xuetang_beat_age_seconds",) not in figures(client.get(ADDRESS))
        for kind in (BEAT, BACKUP):
            record_run(kind, started_at=timezone.now(), outcome=RunOutcome.OK)
        told = figures(client.get(ADDRESS))

        assert 0 <= told["xuetang_beat_age_seconds",] < 60
        assert 0 <= told["xuetang_backup_age_seconds",] < 60

    def test_reading_writes_nothing(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(6) as asked:
            client.get(ADDRESS)

        assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


COUNT = """
from config.lib.request_metrics import count_request
count_request("GET", "home", 200, 0.1)
"""
READ = """
from prometheus_client import generate_latest
from config.lib.request_metrics import request_metrics
print(generate_latest(request_metrics()).decode())
"""


def test_several_processes_count_together(tmp_path: Path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = ""
    for code in (COUNT, COUNT, READ):
        told = subprocess.run(
            [sys.executable, "-c", code],
            cwd=base.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert 'xuetang_requests_total{method="GET",route="home",status="200"} 2.0' in told
    assert 'xuetang_request_seconds_count{route="home"} 2.0' in told


def test_a_stranger_from_elsewhere_learns_nothing():
    response = Client(REMOTE_ADDR="192.0.2.7").get(ADDRESS)

    assert b"xuetang_" not in response.content
