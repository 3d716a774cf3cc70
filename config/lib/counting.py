"""Count related rows in the same statement."""

from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce


def count_rows(rows: QuerySet) -> Coalesce:
    """The number of `rows` for each outer row."""
    counted = rows.order_by().values(one=Value(1)).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
