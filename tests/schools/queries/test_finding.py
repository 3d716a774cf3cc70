"""An organisation is found by what people type: whole words first, nothing that is closed."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.enums import Role
from config.lib.periods import calendar_year, inclusive_period, period
from schools.models import Organisation
from schools.queries.finding import SHOWN, find_organisations
from tests import factories
from tests.factories import START, make_organisation

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


class World:
    def __init__(self) -> None:
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.school = factories.make_school()
        self.first = make_organisation(self.school)
        self.second = make_organisation(self.school, "第二党支部")

    def find(self, text, *, user=None, days=None, **kwargs):
        days = days or inclusive_period(TODAY, TODAY)
        return find_organisations(user or self.officer, text, days, TODAY, **kwargs)

    def names(self, text, **kwargs):
        return [organisation.name for organisation in self.find(text, **kwargs).shown]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("by", ["code", "name", "part", "initials", "capitals", "spaced"])
def test_by_code_name_or_initials(world, by):
    text = {
        "code": world.second.code,
        "name": world.second.name,
        "part": "第二",
        "initials": "ylqzdedzb",
        "capitals": "DEDZB",
        "spaced": " 第 二 党支部 ",
    }[by]

    assert world.names(text) == [world.second.name]


def test_by_a_name_that_holds_a_space(world):
    Organisation.objects.filter(pk=world.second.pk).update(name="杨柳青镇 A 党支部")

    assert world.names("镇  A 党") == ["杨柳青镇 A 党支部"]


@pytest.mark.parametrize("text", ["", "  ", "\0"])
def test_nothing_typed_finds_nothing(world, text):
    assert world.find(text).shown == []


def test_a_nul_finds_what_the_rest_names(world):
    assert world.names("第二\0") == [world.second.name]


def test_a_whole_name_is_meant_however_many_hold_it(world):
    for number in range(SHOWN + 1):
        make_organisation(world.school, f"第一党支部第{number}党小组")

    hits = world.find(world.first.name)

    assert (hits.shown, hits.has_more) == ([world.first], False)


def test_a_whole_code_is_meant_even_if_others_begin_with_it(world):
    Organisation.objects.filter(pk=world.second.pk).update(code=f"{world.first.code}0")

    assert world.names(world.first.code) == [world.first.name]


def test_what_begins_comes_before_what_holds_and_that_before_initials(world):
    town = world.school.name.removesuffix("党校")
    names = {"initials": "第一党支部", "holds": "东党支部", "begins": "西党支部"}
    texts = {"begins": "dd西", "holds": f"{town}dd东", "initials": f"{town}党队"}
    for key, name in names.items():
        organisation = make_organisation(world.school, name)
        organisation.name = texts[key]
        organisation.save()

    assert world.names("dd") == [texts["begins"], texts["holds"], texts["initials"]]


def test_more_than_a_number_are_said_to_be_more(world):
    assert world.find("党支部", limit=2).has_more is False
    make_organisation(world.school, "第三党支部")

    hits = world.find("党支部", limit=2)

    assert (len(hits.shown), hits.has_more) == (2, True)


def test_only_what_exists_on_one_of_the_days(world):
    Organisation.objects.filter(pk=world.second.pk).update(period=period(START, date(2026, 3, 1)))

    assert world.names("第二") == []
    assert world.names("第二", days=inclusive_period(date(2026, 2, 28), date(2026, 2, 28)))
    assert world.names("第二", days=calendar_year(2026))


def test_only_what_is_in_sight(world):
    other = factories.make_school("120111005", "津门湖街道")
    make_organisation(other, "第二党支部")

    assert world.names("第二", user=factories.make_clerk(other)) == ["津门湖街道第二党支部"]
