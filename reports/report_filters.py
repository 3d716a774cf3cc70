"""Filters of the annual report, and of the sessions and members behind its figures."""

from __future__ import annotations

from dataclasses import replace

from config.lib.filters import Filters, ListRequest, choose
from config.lib.year_filters import year_filter
from reports.queries.annual import DIMENSIONS, labels_of
from schools.filters import school_filter


def report_filters(asked: ListRequest) -> Filters:
    """For the report: year and school."""
    return Filters([year_filter(asked), school_filter(asked)])


def session_filters(asked: ListRequest) -> Filters:
    """For what is behind it: year, school, and each way in which it divides the sessions."""
    labels = labels_of([])
    divided = [
        choose(
            asked,
            dimension.name,
            str(dimension.label),
            labels[dimension.name],
            any_label="–",
        )
        for dimension in DIMENSIONS
        if dimension.name != "school"
    ]
    named = [
        replace(one, audit_text=one.words) if one.name in {"module", "programme"} else one
        for one in divided
    ]
    return Filters([*report_filters(asked).items, *named])
