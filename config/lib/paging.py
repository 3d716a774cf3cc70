"""Pagination of lists."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_SIZE = 20
# Where rows are ticked, or checked one by one before a file is applied: ticks do not outlive the
# turn of a page, and a branch of fifty gets its slips or cards in one batch.
WORK_PAGE_SIZE = 50


def page_of(request: HttpRequest, rows: Any, size: int | None = None) -> "Page[Any]":
    """The page of `rows` that `?page=` asks for, or the nearest existing page."""
    return Paginator(rows, size or PAGE_SIZE).get_page(request.GET.get("page"))
