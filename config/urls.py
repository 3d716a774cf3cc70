"""Addresses of the portal. Each is listed in the role table (tests/access)."""

from django.contrib import admin
from django.urls import include, path

from accounts.views.language import switch_language
from backstage.views import home
from config.csp_reports import collect
from config.health import healthz, live, ready
from config.metrics import metrics

urlpatterns = [
    # Patterns are tried in turn; years has the page that 38,000 members open.
    path("", include("years.urls")),
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("healthz/live", live, name="live"),
    path("healthz/ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("csp-report/", collect, name="csp_report"),
    path("language/", switch_language, name="set_language"),
    path("", include("accounts.urls")),
    path("", include("backstage.urls")),
    path("", include("schools.urls")),
    path("", include("instructors.urls")),
    path("", include("trainees.urls")),
    path("", include("hours.urls")),
    path("", include("courses.urls")),
    path("", include("dispatch.urls")),
    path("", include("classes.urls")),
    path("", include("rolls.urls")),
    path("", include("studies.urls")),
    path("", include("quotas.urls")),
    path("", include("reports.urls")),
    path("", include("funding.urls")),
    path("", include("fund_reports.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
