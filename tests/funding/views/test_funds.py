"""The pages of the funds: from the allocation to the payment, each step on a check page."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage.tasklist import list_tasks
from funding.models import Allocation, Commitment, FundTransaction
from funding.queries.fund_check import list_fund_findings
from tests import factories
from tests.admin_pages import signed_in
from tests.factories import grant
from tests.funding.world import DUES, YEAR, FundWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked_at_noon")]


@pytest.fixture
def world() -> FundWorld:
    return FundWorld()


def address(page: str, *keys: object) -> str:
    return f"{reverse(f'funding:{page}', args=keys)}"


def act(user, url: str, **typed: object):
    """The check page of a form, and what comes of carrying it out."""
    client = signed_in(user)
    data = {"idempotency_key": str(uuid4()), **typed}
    looked = client.post(url, data)
    if looked.status_code != 200:
        return looked, None
    promised = looked.context["promised"]
    return looked, client.post(url, data | {"step": "do", "promised": promised})


def cost(**fields: object) -> dict[str, object]:
    return {
        "year": YEAR,
        "channel": "fiscal",
        "use": "meals",
        "subject": "学员午餐",
        "amount": "120.50",
    } | fields


def text_of(response) -> str:
    return response.content.decode()


def test_the_life_of_a_cost(world):
    looked, done = act(world.clerk, address("commit", world.school.pk), **cost())
    assert "−120.50" in text_of(looked)
    made = Commitment.objects.get()
    assert done.url == address("commitment", made.pk)
    looked, done = act(world.custodian, address("check_commitment", made.pk))
    assert done.url == address("commitment", made.pk)
    act(world.approver, address("approve_commitment", made.pk))
    looked, done = act(world.payer, address("pay_commitment", made.pk), amount="100")
    assert "100.00" in text_of(looked)
    looked, done = act(world.approver, address("release_commitment", made.pk), reason="少于预计")

    assert world.holds() == {
        "available": Decimal("900.00"),
        "committed": 0,
        "approved": 0,
        "paid": Decimal("100.00"),
    }
    assert list_fund_findings() == []
    page = text_of(signed_in(world.auditor).get(address("commitment", made.pk)))
    for kind in ("用款申请", "审批", "支付", "释放"):
        assert kind in page


def test_a_check_page_writes_nothing(world):
    client = signed_in(world.clerk)
    url = address("commit", world.school.pk)

    response = client.post(url, cost() | {"idempotency_key": str(uuid4())})

    assert response.status_code == 200
    assert not Commitment.objects.exists()
    assert not AuditEntry.objects.filter(act="commit_funds").exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"amount": "1000.01"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"channel": "dues", "use": "running_costs"}, "use"),
        ({"use": "lecturer_fee"}, "instructor"),
        ({"fee_hours": "2"}, "fee_hours"),
        ({"subject": ""}, "subject"),
        ({"subject": "11010519491231002X"}, "subject"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_loses_nothing(world, typed, field):
    url = address("commit", world.school.pk)

    looked, _done = act(world.clerk, url, **cost(**typed))

    assert looked.status_code == 422
    assert list(looked.context["form"].errors) == [field]
    assert looked.context["form"]["year"].value() == str(YEAR)


def test_the_department_allocates_adjusts_carries_over_and_reverses(world):
    typed = {"year": YEAR, "channel": "dues", "purpose": "training", "amount": "500"}
    url = address("allocate", world.school.pk)
    looked, _done = act(world.officer, url, **typed, document="津〔9〕", decision="")
    assert list(looked.context["form"].errors) == ["decision"]
    act(world.officer, url, **typed, document="津〔9〕", decision="部务会〔2026〕9次")
    given = Allocation.objects.get(channel=DUES)
    act(world.officer, address("adjust_allocation", given.pk), amount="-50", reason="核减")
    carried = {"year": YEAR, "channel": "dues", "purpose": "training", "amount": "100"}
    act(world.officer, address("carry_over", world.school.pk), **carried, reason="结余")
    assert world.holds(channel=DUES)["available"] == 350
    posted = FundTransaction.objects.get(kind="adjustment")
    _looked, done = act(world.officer, address("reverse_transaction", posted.pk), reason="核减有误")

    assert done.url == address("allocation", given.pk)
    assert world.holds(channel=DUES)["available"] == 400
    assert "已冲正" in text_of(signed_in(world.officer).get(done.url))


def test_a_line_says_what_comes_or_goes_in_its_year(world):
    commitment = world.approved(30)
    world.pay(commitment, 10)
    act(world.officer, address("adjust_allocation", world.allocation.pk), amount="-50", reason="减")
    carried = {"year": YEAR, "channel": "fiscal", "purpose": "training", "amount": "100"}
    act(world.officer, address("carry_over", world.school.pk), **carried, reason="结余")

    def lines(year: int) -> dict[str, Decimal]:
        page = f"{address('fund', world.school.pk)}?year={year}"
        shown = signed_in(world.clerk).get(page).context["page_obj"]
        return {line.kind: line.amount for line in shown}

    assert lines(YEAR) == {
        "allocation": 1000,
        "commitment": 30,
        "approval": 30,
        "payment": 10,
        "adjustment": -50,
        "carry_over": -100,
    }
    assert lines(YEAR + 1) == {"carry_over": 100}
    life = signed_in(world.clerk).get(address("allocation", world.allocation.pk)).context["life"]
    assert [line.amount for line in life] == [1000, -50]


def test_a_role_of_one_channel_sees_no_other(world):
    world.allocate(77, channel=DUES, decision="部务会")
    page = address("fund", world.school.pk)

    assert "77.00" in text_of(signed_in(world.clerk).get(page))
    for user in (world.custodian, world.auditor):
        text = text_of(signed_in(user).get(page))
        assert "1,000.00" in text
        assert "77.00" not in text


def test_an_auditor_of_all_sees_all(world):
    neighbour = factories.make_school("120111005", "津门湖街道")
    world.allocate(77, school=neighbour)
    auditor = factories.make_user()
    grant(auditor, Role.AUDITOR)

    text = text_of(signed_in(auditor).get(address("funds")))

    assert "1,000.00" in text
    assert "1,077.00" in text


def test_home_shows_what_waits(world):
    def labels(user) -> list[str]:
        with translation.override("en"):
            tasks = list_tasks(user, timezone.now())
            return [task.label for task in tasks if not task.is_lookup]

    commitment = world.commit()
    world.commit()
    assert labels(world.custodian) == ["Check whether 2 costs fit their money"]
    assert labels(world.approver) == []
    world.check(commitment)
    assert labels(world.approver) == ["Approve 1 cost"]
    world.approve(commitment)
    assert labels(world.payer) == ["Pay 1 approved cost"]
    assert labels(world.auditor) == []
    of_dues = world.person(Role.CUSTODIAN, DUES)
    assert labels(of_dues) == []
    found = signed_in(world.payer).get(f"{address('commitments')}?state=to_pay&year={YEAR}")
    assert [one.pk for one in found.context["page_obj"]] == [commitment.pk]


def test_pages_cost_the_same_for_one_row_and_for_many(world):
    client = signed_in(world.officer)
    pages = [address("funds"), address("fund", world.school.pk), address("commitments")]

    def costs() -> list[int]:
        counted = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counted.append(len(queries))
        return counted

    world.commit(1)
    few = costs()
    for _ in range(15):
        world.allocate(1)
        world.approved(1)

    assert costs() == few
