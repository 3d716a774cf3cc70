"""Metrics of requests, in the format of Prometheus.

With PROMETHEUS_MULTIPROC_DIR in the environment the processes of the web server count together in
files below that folder, else each process counts by itself.
"""

import os
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

# From the fastest page to the patience of a person; each bucket costs a line per route.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# A method is free text of the client, so others share one label.
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})

_own = CollectorRegistry()
_requests = Counter(
    "xuetang_requests",
    "Requests by method, route and status.",
    ["method", "route", "status"],
    registry=_own,
)
_seconds = Histogram(
    "xuetang_request_seconds",
    "Time of requests by route.",
    ["route"],
    buckets=_BUCKETS,
    registry=_own,
)

_csp_reports = Counter(
    "xuetang_csp_reports",
    "What browsers reported about the content security policy, by directive.",
    ["directive"],
    registry=_own,
)
# The directive of a report is free text of the client, so others share one label.
_DIRECTIVES = frozenset(
    f"{kind}-src{part}"
    for kind in ("default", "script", "style", "img", "font", "connect", "media", "object", "frame")
    for part in ("", "-elem", "-attr")
) | {"worker-src", "child-src", "manifest-src", "base-uri", "form-action", "frame-ancestors"}


def count_csp_report(directive: str) -> str:
    """Count a report about the policy; returns the directive as counted."""
    known = directive if directive in _DIRECTIVES else "other"
    _csp_reports.labels(known).inc()
    return known


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    counter, histogram = _series(method if method in _METHODS else "other", route, status)
    counter.inc()
    histogram.observe(seconds)


@cache
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two series of such requests: to look them up each time takes longer than to count."""
    return _requests.labels(method, route, str(status)), _seconds.labels(route)


def request_metrics() -> CollectorRegistry:
    """The counts of all processes of the web server, or of this one alone (see above)."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR") is None:
        return _own
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry
