"""Metrics for Prometheus, to be read from a few addresses only."""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.origin import client_address
from backstage.operations import BACKUP, BEAT, latest_age, living_workers, read_queue
from backstage.trail_feed import entries_waiting
from config.lib.request_metrics import request_metrics


@never_cache
@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Requests as counted by this web server, and the state of jobs, beat and backups from rows.

    404 unless the request comes from `METRICS_FROM`.
    """
    if not may_read(request):
        raise Http404
    site = CollectorRegistry()
    site.register(SiteFigures())
    text = generate_latest(request_metrics()) + generate_latest(site)
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(request: HttpRequest) -> bool:
    """Whether the client's address is in `METRICS_FROM`.

    What a proxy passes on that is not in `TRUSTED_PROXIES` may come from anywhere, though the
    proxy itself stands on this machine.
    """
    sender = request.META.get("REMOTE_ADDR")
    if "X-Forwarded-For" in request.headers and sender not in settings.TRUSTED_PROXIES:
        return False
    address = client_address(request)
    if not address:
        return False
    return any(ip_address(address) in network for network in _networks(*settings.METRICS_FROM))


@lru_cache(maxsize=4)
def _networks(*lines: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(line, strict=False) for line in lines]


class SiteFigures(Collector):
    """Gauges that are read from the database when they are asked for, so every process agrees."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ages are missing where nothing has happened yet."""
        now = timezone.now()
        queue = read_queue(at=now)
        jobs = GaugeMetricFamily("xuetang_jobs", "Jobs by state.", labels=["state"])
        jobs.add_metric(["waiting"], queue.waiting)
        jobs.add_metric(["running"], queue.running)
        jobs.add_metric(["failed within 7 days"], queue.failed)
        yield jobs
        since = queue.waiting_since
        waited = max(0.0, (now - since).total_seconds()) if since else 0.0
        yield GaugeMetricFamily(
            "xuetang_outbox_age_seconds", "How long the oldest waiting job has waited.", waited
        )
        yield GaugeMetricFamily(
            "xuetang_workers", "Workers with a sign of life.", len(living_workers())
        )
        yield GaugeMetricFamily(
            "xuetang_trail_feed_waiting", "Entries not yet sent to TRAIL_FEED.", entries_waiting()
        )
        for kind in (BEAT, BACKUP):
            age = latest_age(kind)
            if age is not None:
                name = f"xuetang_{kind}_age_seconds"
                yield GaugeMetricFamily(name, f"Since the last {kind}.", age.total_seconds())
