"""Addresses of the portal. Every one of them stands in the role table (tests/access)."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from backstage.views import home
from config.health import healthz

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("", include("accounts.urls")),
    path("", include("backstage.urls")),
    path("", include("schools.urls")),
    path("", include("courses.urls")),
    path("", include("trainees.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "config.errors.server_error"
