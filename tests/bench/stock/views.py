"""The stock page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tests.bench.stock import ROWS
from tests.bench.stock.models import Record


@login_required
def own_records(request: HttpRequest) -> HttpResponse:
    """The newest records of the signed-in user."""
    records = Record.objects.filter(user=request.user)[:ROWS]
    return render(request, "stock/own_records.html", {"records": records})


def healthz(request: HttpRequest) -> HttpResponse:
    """The server is up."""
    return HttpResponse("ok")
