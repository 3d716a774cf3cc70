"""The home page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import DERIVED_ROLES
from accounts.requests import PersonRequest
from accounts.roles import held_roles
from backstage.tasklist import list_tasks


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """What is due to the person, then look-ups; nothing else."""
    tasks = list_tasks(request.user, timezone.now())
    context = {
        "tasks": [task for task in tasks if not task.is_lookup],
        "lookups": [task for task in tasks if task.is_lookup],
        "is_reader": held_roles(request.user) <= DERIVED_ROLES,
    }
    return render(request, "home.html", context)
