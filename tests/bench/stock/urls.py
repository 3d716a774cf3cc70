"""The page, and the health check."""

from django.urls import path

from tests.bench.stock import views

urlpatterns = [
    path("", views.own_records, name="own_records"),
    path("healthz", views.healthz),
]
