"""Addresses of rules; all else of this app is shown by the apps above."""

from django.urls import path

from hours.views import rules

app_name = "hours"

urlpatterns = [
    path("founding/rules/", rules.rules, name="rules"),
]
