"""The form for organisations to be founded: what it suggests, and what it refuses."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from config.lib.periods import today
from schools.enums import OrganisationKind
from schools.models import Organisation, School
from schools.proposal_forms import ProposalsForm
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return make_committee("杨柳青镇党委", factories.make_school())


def make_committee(name: str, school: School) -> Organisation:
    """A committee with a code as short as offices have them."""
    top = factories.make_top()
    made = factories.make_below(top, OrganisationKind.COMMITTEE, name, school)
    made.code = school.code
    made.save()
    return made


def form_of(data=None, *, name: str = "杨柳青镇一街村党支部", upper: str = "") -> ProposalsForm:
    proposal = SimpleNamespace(
        name=name, rows=2, upper_text=upper, is_ticked=False, code="", kind="", parent=None,
        parent_proposal=None, township_id=None,
    )  # fmt: skip
    return ProposalsForm(data, proposals=[proposal], on=today())


def form_of_many(*proposals: tuple[str, str], data: dict[str, str] | None = None) -> ProposalsForm:
    """A form of proposals, each a name and what the file says of its higher organisation."""
    rows = [
        SimpleNamespace(
            name=name, rows=1, upper_text=upper, is_ticked=False, code="", kind="", parent=None,
            parent_proposal=None, township_id=None,
        )
        for name, upper in proposals
    ]  # fmt: skip
    return ProposalsForm(data, proposals=rows, on=today())


def filled(form: ProposalsForm, **changes: str) -> dict[str, str]:
    """What the browser sends of a form as it stands; a key such as `code_0` changes a field."""
    data = {field.html_name: str(field.value()) for field in form if field.value()}
    return data | {name.replace("_", "-"): value for name, value in changes.items()}


def ticked(**changes) -> dict[str, str]:
    data = {"tick-0": "on", "kind-0": "branch", "upper-0": "", "code-0": "", "township-0": ""}
    return data | {f"{name}-0": value for name, value in changes.items()}


def suggested(form: ProposalsForm) -> tuple[str, str, str]:
    return tuple(form[f"{part}-0"].value() for part in ("kind", "upper", "code"))


def test_suggests_level_higher_organisation_and_a_free_code_by_the_name(committee):
    assert suggested(form_of()) == ("branch", committee.name, f"{committee.code}01")
    assert suggested(form_of(name="杨柳青镇一街村党总支"))[0] == "general_branch"


def test_suggests_what_the_file_says(committee):
    other = make_committee("大寺镇党委", factories.make_school("120111102", "大寺镇"))

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


class TestCodes:
    """Codes of organisations to be founded."""

    def test_beyond_ninety_nine_have_three_digits_and_are_taken(self, committee):
        names = [(f"杨柳青镇{n}街村党支部", "") for n in range(1, 103)]
        form = form_of_many(*names)

        codes = [form[f"code-{n}"].value() for n in range(len(names))]
        assert codes[-4:] == [f"{committee.code}{n}" for n in (99, 100, 101, 102)]
        data = filled(form, **{f"tick_{n}": "on" for n in range(len(names))})
        form = form_of_many(*names, data=data)
        assert form.is_valid(), form.errors
        assert len({place.code for place in form.places}) == len(names)

    def test_that_read_as_an_id_number_are_passed_over(self, committee):
        committee.code = "9" * 16
        committee.save()

        assert suggested(form_of())[2] == f"{committee.code}100"

    def test_are_suggested_below_a_code_that_leaves_no_digit(self, committee):
        committee.code = "9" * 19
        committee.save()

        code = suggested(form_of())[2]
        assert len(code) == 20
        assert code.startswith("9" * 18)

    def test_are_suggested_where_no_higher_organisation_is_known(self, committee):
        kind, upper, code = suggested(form_of(name="某某学校党支部"))

        assert (kind, upper) == ("branch", "")
        assert code.isdecimal()

    def test_that_are_missing_are_named_as_missing(self, committee):
        form = form_of(ticked(upper=committee.code))

        assert form.errors["code-0"] == ["请填写此项。"]

    def test_level_and_higher_organisation_are_not_labelled_optional(self, committee):
        for form in (form_of(), form_of({"kind-0": "branch"})):
            form.is_valid()
            assert all(form.fields[f"{part}-0"].required for part in ("kind", "upper", "code"))
            assert not form.fields["township-0"].required


GENERAL = "静海镇新总支党总支"
PAIR = ((GENERAL, "杨柳青镇党委"), ("静海镇新总支第一党支部", GENERAL))


class TestAHigherOrganisationThatIsProposed:
    """The file's own parent is used, also if that does not exist yet; never another one."""

    def test_is_suggested_with_a_code_below_its_own(self, committee):
        # It stands below another one in the file, and in that order too.
        form = form_of_many(*reversed(PAIR))

        codes = [form[f"code-{n}"].value() for n in (1, 0)]
        assert form["upper-0"].value() == GENERAL
        assert codes == [f"{committee.code}01", f"{committee.code}0101"]

    def test_is_taken_if_it_is_ticked_and_comes_first(self, committee):
        pair = PAIR[::-1]
        data = filled(form_of_many(*pair), tick_0="on", tick_1="on")
        form = form_of_many(*pair, data=data)

        assert form.is_valid(), form.errors
        general, branch = form.places
        assert (general.name, general.parent_id, general.parent_proposal) == (
            GENERAL, committee.pk, "",
        )  # fmt: skip
        assert (branch.parent_id, branch.parent_proposal) == (None, GENERAL)

    def test_that_is_not_ticked_is_an_error_at_the_row_below(self, committee):
        data = filled(form_of_many(*PAIR), tick_1="on")
        form = form_of_many(*PAIR, data=data)

        assert list(form.errors) == ["upper-1"]
        assert GENERAL in form.errors["upper-1"][0]

    def test_is_named_at_the_row_below(self, committee):
        assert GENERAL in form_of_many(*PAIR).fields["upper-1"].help_text

    def test_of_a_level_that_does_not_fit_is_refused(self, committee):
        data = filled(form_of_many(*PAIR), tick_0="on", tick_1="on", kind_1="committee")
        form = form_of_many(*PAIR, data=data)

        assert list(form.errors) == ["kind-1"]

    def test_in_a_circle_founds_nothing(self, committee):
        pair = (("甲党委", "乙党委"), ("乙党委", "甲党委"))
        data = filled(form_of_many(*pair), tick_0="on", tick_1="on")

        assert not form_of_many(*pair, data=data).is_valid()
        form = form_of_many(*pair, data=filled(form_of_many(*pair), all="on"))
        assert form.is_valid()
        assert form.places == []

    def test_that_nobody_knows_is_not_replaced_by_one_like_the_name(self, committee):
        form = form_of(name="杨柳青镇一街村党支部", upper="某某党总支")
        assert suggested(form)[1] == "某某党总支"

        form = form_of(ticked(upper="某某党总支", code="12345"), upper="某某党总支")
        assert list(form.errors) == ["upper-0"]


class TestFoundingAllThatAreComplete:
    """One box founds what has all it needs, and leaves the rest."""

    def test_leaves_out_what_lacks_something_and_what_stands_below_it(self, committee):
        unknown = (("某某党总支", ""), ("某某第一党支部", "某某党总支"))
        proposals = (*PAIR, *unknown, ("杨柳青镇三街村党支部", ""))
        form = form_of_many(*proposals, data=filled(form_of_many(*proposals), all="on"))

        assert form.is_valid(), form.errors
        assert [place.name for place in form.places] == [
            GENERAL, "静海镇新总支第一党支部", "杨柳青镇三街村党支部",
        ]  # fmt: skip

    def test_still_refuses_a_ticked_one_that_lacks_something(self, committee):
        pair = (("某某党总支", ""), ("杨柳青镇三街村党支部", ""))
        data = filled(form_of_many(*pair), all="on", tick_0="on")

        assert list(form_of_many(*pair, data=data).errors) == ["upper-0"]

    def test_never_takes_the_code_of_a_ticked_one(self, committee):
        pair = (("杨柳青镇二街村党支部", ""), ("杨柳青镇三街村党支部", ""))
        data = filled(form_of_many(*pair), all="on", tick_1="on", code_0="777", code_1="777")
        form = form_of_many(*pair, data=data)

        assert form.is_valid(), form.errors
        assert [place.name for place in form.places] == ["杨柳青镇三街村党支部"]
