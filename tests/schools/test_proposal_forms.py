"""The form for organisations to be founded: what it suggests, and what it refuses."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from config.lib.periods import today
from schools.enums import OrganisationKind
from schools.proposal_forms import ProposalsForm
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return factories.make_below(
        factories.make_top(), OrganisationKind.COMMITTEE, "杨柳青镇党委", factories.make_school()
    )


def form_of(data=None, *, name: str = "杨柳青镇一街村党支部", upper: str = "") -> ProposalsForm:
    proposal = SimpleNamespace(
        name=name, rows=2, upper_text=upper, is_ticked=False, code="", kind="", parent=None,
        township_id=None,
    )  # fmt: skip
    return ProposalsForm(data, proposals=[proposal], on=today())


def ticked(**changes) -> dict[str, str]:
    data = {"tick-0": "on", "kind-0": "branch", "upper-0": "", "code-0": "", "township-0": ""}
    return data | {f"{name}-0": value for name, value in changes.items()}


def suggested(form: ProposalsForm) -> tuple[str, str, str]:
    return tuple(form[f"{part}-0"].value() for part in ("kind", "upper", "code"))


def test_suggests_level_higher_organisation_and_a_free_code_by_the_name(committee):
    assert suggested(form_of()) == ("branch", committee.name, f"{committee.code}01")
    assert suggested(form_of(name="杨柳青镇一街村党总支"))[0] == "general_branch"


def test_suggests_what_the_file_says(committee):
    other = factories.make_below(
        factories.make_top(),
        OrganisationKind.COMMITTEE,
        "大寺镇党委",
        factories.make_school("120111102", "大寺镇"),
    )

    assert suggested(form_of(upper="大寺镇党委"))[1:] == (other.name, f"{other.code}01")


def test_takes_a_ticked_place(committee):
    form = form_of(ticked(upper=committee.code, code="12345"))

    assert form.is_valid(), form.errors
    [place] = form.places
    assert (place.code, place.parent_id, place.township_id) == ("12345", committee.pk, None)


def test_takes_nothing_that_is_not_ticked(committee):
    form = form_of({"kind-0": "branch"})

    assert form.is_valid()
    assert form.places == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "12a"}, "code-0"),
        ({"code": ""}, "code-0"),
        ({"upper": "没有这个党委"}, "upper-0"),
        ({"kind": "committee", "upper": "branch"}, "upper-0"),
    ],
)
def test_refuses_at_the_field(committee, changes, field):
    form = form_of(ticked(**{"upper": committee.code, "code": "12345"} | changes))

    assert field in form.errors


def test_refuses_a_code_that_is_taken_and_a_level_that_does_not_fit(committee):
    top = committee.placements.get().parent
    form = form_of(ticked(kind="district_committee", upper=committee.code, code=top.code))

    assert {"code-0", "kind-0"} <= set(form.errors)


def test_asks_for_the_township_directly_below_the_top(committee):
    top = committee.placements.get().parent
    form = form_of(ticked(upper=top.code, code="12345"))

    assert list(form.errors) == ["township-0"]
    township = str(committee.placements.get().township_id)
    assert form_of(ticked(upper=top.code, code="12345", township=township)).is_valid()
