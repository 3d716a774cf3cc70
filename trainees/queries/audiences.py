"""The three audiences, derived from the posts that members hold on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.db.models.expressions import RawSQL

from schools.enums import Audience

_HOLDERS = "SELECT member_id FROM trainees_post WHERE kind IN ({kinds}) AND period @> {{day}}::date"
_SECRETARIES = _HOLDERS.format(kinds="'secretary'")
_WORKERS = _HOLDERS.format(kinds="'affairs_worker'")
_EITHER = _HOLDERS.format(kinds="'secretary', 'affairs_worker'")

# A member with both posts is a secretary; a member with neither is an ordinary member.
_IN: dict[str, str] = {
    Audience.SECRETARIES: f"{{member}} IN ({_SECRETARIES})",
    Audience.AFFAIRS_WORKERS: f"{{member}} IN ({_WORKERS}) AND {{member}} NOT IN ({_SECRETARIES})",
    Audience.ORDINARY: f"{{member}} NOT IN ({_EITHER})",
}


def audience_sql(audience: str, member: str) -> str:
    """The condition that the column `member` is of `audience` on the day %(as_of)s."""
    return _IN[audience].format(member=member, day="%(as_of)s")


def in_audience(audience: str, on: date, member: str = "member") -> Q:
    """The same for a queryset with rows that lead to a member by `member`."""
    condition = _IN[audience].format(member="id", day="%s")
    chosen = RawSQL(  # noqa: S611 - fixed text, no input
        f"SELECT id FROM trainees_member WHERE {condition}",  # noqa: S608 - fixed text, no input
        [on] * condition.count("%s"),
    )
    return Q(**{f"{member}__in": chosen})
