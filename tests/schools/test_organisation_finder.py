"""What an office calls an organisation: the name of the register's day, else a reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backstage.imports.reasons import CellError
from config.lib.periods import period
from schools.enums import SuccessionKind
from schools.models import NameChange, Organisation, OrganisationSuccession, School
from schools.organisation_finder import NameReason, OrganisationFinder
from tests import factories
from tests.factories import DAY, START

pytestmark = pytest.mark.django_db

THEN = DAY - timedelta(days=60)
BEFORE = THEN - timedelta(days=1)
LATER = DAY - timedelta(days=30)


@pytest.fixture
def branch():
    factories.make_school()
    return sister("柳口路社区第一党支部")


def rename(organisation: Organisation, name: str, on: date = THEN) -> None:
    NameChange.objects.create(
        organisation=organisation, takes_effect_on=on, former_name=organisation.name, name=name
    )
    organisation.name = name
    organisation.save()


def merge(former: Organisation, successor: Organisation, on: date = THEN) -> None:
    former.period = period(START, on)
    former.save()
    OrganisationSuccession.objects.create(
        former=former, successor=successor, kind=SuccessionKind.MERGER, takes_effect_on=on
    )


def sister(name: str) -> Organisation:
    organisation = factories.make_organisation(School.objects.get())
    organisation.name = name
    organisation.save()
    return organisation


def refusal(text: str, on: date = DAY) -> tuple[NameReason, dict]:
    with pytest.raises(CellError) as caught:
        OrganisationFinder(on).find(text)
    return caught.value.reason, caught.value.values


class TestRenamed:
    def test_is_found_by_the_name_of_the_day(self, branch):
        rename(branch, "柳口路社区先锋党支部")

        assert OrganisationFinder(BEFORE).find("柳口路社区第一党支部") == branch.pk
        assert OrganisationFinder(THEN).find("柳口路社区先锋党支部") == branch.pk

    def test_is_found_by_a_later_name_unless_another_had_it_that_day(self, branch):
        rename(branch, "先锋党支部")
        assert OrganisationFinder(BEFORE).find("先锋党支部") == branch.pk

        other = sister("先锋党支部")
        assert OrganisationFinder(BEFORE).find("先锋党支部") == other.pk

    def test_is_refused_by_its_former_name_which_leads_to_it(self, branch):
        rename(branch, "青年先锋党支部")
        sister("柳口路社区第二党支部")
        sister("柳口路社区第三党支部")
        sister("柳口路社区第四党支部")

        reason, values = refusal("柳口路社区 第一党支部")
        assert (reason, values["name"], values["day"]) == (
            NameReason.RENAMED, "青年先锋党支部", THEN.isoformat(),
        )  # fmt: skip
        assert values["names"] == [
            "青年先锋党支部", "柳口路社区第三党支部", "柳口路社区第二党支部",
        ]  # fmt: skip

    def test_twice_is_called_by_the_last_name_of_the_day(self, branch):
        rename(branch, "青年党支部")
        rename(branch, "先锋党支部", LATER)

        reason, values = refusal("柳口路社区第一党支部")
        assert (reason, values["name"], values["day"]) == (
            NameReason.RENAMED, "先锋党支部", LATER.isoformat(),
        )  # fmt: skip
        between = LATER - timedelta(days=1)
        assert OrganisationFinder(between).find("青年党支部") == branch.pk
        assert refusal("柳口路社区第一党支部", between)[1]["name"] == "青年党支部"

    def test_leaves_its_former_name_to_the_one_that_has_it_now(self, branch):
        rename(branch, "青年先锋党支部")
        other = sister("柳口路社区第一党支部")

        assert OrganisationFinder(DAY).find("柳口路社区第一党支部") == other.pk


class TestMerged:
    def test_is_found_up_to_its_last_day(self, branch):
        merge(branch, sister("曹庄子村党支部"))

        assert OrganisationFinder(BEFORE).find(branch.name) == branch.pk

    @pytest.mark.parametrize("text", ["柳口路社区第一党支部", "青年党支部", "code"])
    def test_is_refused_by_any_name_or_its_code_and_leads_on(self, branch, text):
        goal = sister("曹庄子村党支部")
        rename(branch, "青年党支部", BEFORE)
        merge(branch, goal)

        reason, values = refusal(branch.code if text == "code" else text)
        assert (reason, values["name"], values["day"]) == (
            NameReason.MERGED, goal.name, THEN.isoformat(),
        )  # fmt: skip
        assert values["names"][0] == goal.name

    def test_leads_on_to_the_one_that_exists(self, branch):
        between, goal = sister("曹庄子村党支部"), sister("大柳滩村党支部")
        merge(branch, between)
        merge(between, goal, LATER)
        rename(goal, "大柳滩党支部", LATER)

        assert refusal(branch.name)[1]["name"] == "大柳滩党支部"
        goal.period = period(START, DAY)
        goal.save()
        assert refusal(branch.name)[0] == NameReason.NO_ORGANISATION

    def test_a_former_name_of_two_is_no_more_than_a_hint(self, branch):
        first, second = sister("曹庄子村党支部"), sister("大柳滩村党支部")
        twin = sister(branch.name)
        merge(branch, first)
        merge(twin, second)

        reason, values = refusal(branch.name)
        assert reason == NameReason.NEAREST_NAMES
        assert values["names"][:2] == [first.name, second.name]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("柳口路社区第2党支部", "柳口路社区第二党支部"),
        ("第１２党支部", "柳口路社区第十二党支部"),
        ("柳口路社区21支部", "柳口路社区第二十一党支部"),
    ],
)
def test_a_number_is_near_however_it_is_written(branch, written, meant):
    for number in ("二", "三", "十二", "二十一"):
        sister(f"柳口路社区第{number}党支部")

    with pytest.raises(CellError) as caught:
        OrganisationFinder(DAY).find(written)

    assert caught.value.reason == NameReason.NEAREST_NAMES
    assert caught.value.values["names"][0] == meant
