"""URL patterns of this app."""

from django.urls import URLPattern

app_name = "quotas"

urlpatterns: list[URLPattern] = []
