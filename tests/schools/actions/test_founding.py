"""A district is founded row by row, each act with its entry in the trail."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import AuditEntry
from schools.actions.founding import add_township, add_village, found_district, found_root
from schools.actions.organisations import add_organisation
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from schools.models import District, Organisation, Placement, Township
from tests import factories
from tests.factories import NOON
from tests.refusals import refused
from tests.schools.founding import BY, DISTRICT, ON, YANGLIUQING, NewDistrict

pytestmark = pytest.mark.django_db

LAST_YEAR = date(ON.year - 1, 1, 1)


@pytest.fixture
def district():
    return NewDistrict()


def test_every_act_leaves_its_entry(district):
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))

    assert acts == [
        "found_district", "add_township", "add_township", "add_village", "add_organisation",
    ]  # fmt: skip
    assert district.village.township == district.yangliuqing
    place = Placement.objects.get()
    assert (place.parent, place.township, place.period.lower) == (None, None, ON)


def test_there_is_one_district_and_one_top(district):
    with refused(SchoolsError, match="已新建"):
        found_district(code="120112", name="津南区", by=BY, at=NOON)
    with refused(SchoolsError, match="区委"):
        found_root(code="9", name="另一个", on=ON, by=BY, at=NOON)

    assert District.objects.count() == Organisation.objects.count() == 1


@pytest.mark.parametrize("code", ["12011", "1201111", "12011a", ""])
def test_the_code_of_a_district_has_six_digits(code):
    with refused(SchoolsError) as refusal:
        found_district(code=code, name="西青区", by=BY, at=NOON)
    assert refusal.value.field == "code"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (add_township, "12011110"),
        (add_township, "120112101"),
        (add_township, YANGLIUQING),
        (add_village, "120111101"),
        (add_village, "120111999001"),
        (add_village, f"{YANGLIUQING}201"),
    ],
)
def test_a_division_with_another_code_is_refused_at_it(district, act, code):
    with refused(SchoolsError) as refusal:
        act(code=code, name="甲", by=BY, at=NOON)
    assert refusal.value.field == "code"


def test_a_township_waits_for_its_district():
    with refused(SchoolsError):
        add_township(code=f"{DISTRICT}101", name="甲", by=BY, at=NOON)


class TestAFirstDayInAnEarlierYear:
    """Nothing is settled before the first member is registered."""

    @staticmethod
    def add(parent: Organisation, township: Township) -> Organisation:
        return add_organisation(
            parent_id=parent.pk,
            code="11",
            name="杨柳青镇党委",
            kind=OrganisationKind.COMMITTEE,
            township=township,
            village=None,
            on=LAST_YEAR,
            by=BY,
            at=NOON,
        )

    def test_is_one_of_a_founding(self):
        found_district(code=DISTRICT, name="西青区", by=BY, at=NOON)
        township = add_township(code=YANGLIUQING, name="杨柳青镇", by=BY, at=NOON)
        root = found_root(code="1", name="区委", on=LAST_YEAR, by=BY, at=NOON)

        assert self.add(root, township).period.lower == LAST_YEAR

    def test_is_refused_from_the_first_member_on(self, district):
        factories.make_member(district.root)
        Placement.objects.update(period=factories.period(LAST_YEAR))

        with refused(SchoolsError, match="已经结清") as refusal:
            self.add(district.root, district.yangliuqing)
        assert refusal.value.field == "on"
