"""The same form sent again is answered again; another form under its key is refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict

from backstage.idempotency import (
    KEEP_DAYS,
    KeyReusedError,
    hash_body,
    run_once,
    sweep_keys,
)
from backstage.models import IdempotencyKey
from backstage.tasks import sweep_idempotency_keys
from schools.models import Township
from tests import factories
from tests.factories import NOON
from tests.refusals import refused

pytestmark = pytest.mark.django_db

KEY = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")


class Form:
    """A form whose act adds a township; `acts` counts how often it was carried out."""

    def __init__(self, user, **values):
        self.values = {
            "key": KEY,
            "user": user,
            "act": "add_township",
            "body_hash": "first body",
            "location": "/townships/",
        } | values
        self.acts = 0

    def send(self, **changes) -> str:
        return run_once(do=self.do, **self.values | changes)

    def do(self) -> None:
        self.acts += 1
        Township.objects.create(code=str(Township.objects.count()), name="赤龙北街道")


class FailingForm(Form):
    def do(self) -> None:
        super().do()
        raise RuntimeError("half way")


@pytest.fixture
def user():
    return factories.make_user()


@pytest.fixture
def form(user) -> Form:
    return Form(user)


class TestAForm:
    def test_acts_when_it_is_first_sent(self, form, user):
        assert form.send() == "/townships/"

        assert form.acts == Township.objects.count() == 1
        kept = IdempotencyKey.objects.get()
        assert (kept.user, kept.key, kept.act) == (user, KEY, "add_township")
        assert (kept.body_hash, kept.location) == ("first body", "/townships/")

    def test_sent_again_gets_the_same_answer_and_acts_no_more(self, form):
        first = form.send()

        assert [form.send() for _ in range(3)] == [first] * 3
        assert form.acts == Township.objects.count() == IdempotencyKey.objects.count() == 1

    def test_sent_again_gets_the_first_answer_even_if_the_address_would_differ_now(self, form):
        form.send()

        assert form.send(location="/elsewhere/") == "/townships/"

    def test_with_another_body_under_its_key_is_refused(self, form):
        form.send()

        with refused(KeyReusedError, match=str(KEY)):
            form.send(body_hash="another body")
        assert form.acts == 1

    def test_for_another_act_under_its_key_is_refused(self, form):
        form.send()

        with refused(KeyReusedError):
            form.send(act="merge_townships")
        assert form.acts == 1

    def test_after_a_refusal_still_gets_its_first_answer(self, form):
        form.send()
        with refused(KeyReusedError):
            form.send(body_hash="another body")

        assert form.send() == "/townships/"

    def test_under_a_new_key_acts_again(self, form):
        form.send()
        form.send(key=uuid4())

        assert form.acts == 2

    def test_of_another_person_with_the_same_key_stands_by_itself(self, form):
        form.send()
        other = Form(factories.make_user(), body_hash="another body", location="/other/")

        assert other.send() == "/other/"
        assert (form.acts, other.acts) == (1, 1)


class TestAFailedAct:
    def test_leaves_no_key_and_nothing_of_what_it_wrote(self, user):
        with refused(RuntimeError, match="half way"):
            FailingForm(user).send()

        assert not IdempotencyKey.objects.exists()
        assert not Township.objects.exists()

    def test_may_be_tried_again_under_its_key(self, user, form):
        with refused(RuntimeError):
            FailingForm(user, body_hash="with a mistake").send()

        assert form.send(body_hash="corrected") == "/townships/"


@pytest.mark.django_db(transaction=True)
def test_a_key_and_its_act_share_one_transaction_of_their_own():
    form = FailingForm(factories.make_user())

    with pytest.raises(RuntimeError):
        form.send()

    assert form.acts == 1
    assert not IdempotencyKey.objects.exists()
    assert not Township.objects.exists()


class TestTheHashOfABody:
    def test_depends_on_every_field(self):
        assert hash_body(QueryDict("a=1&b=2")) != hash_body(QueryDict("a=1&b=3"))
        assert hash_body(QueryDict("a=1")) != hash_body(QueryDict("a=1&b="))
        assert hash_body(QueryDict("a=1&a=2")) != hash_body(QueryDict("a=1"))

    def test_does_not_depend_on_the_order_of_fields(self):
        assert hash_body(QueryDict("a=1&b=2")) == hash_body(QueryDict("b=2&a=1"))

    def test_leaves_out_the_token_which_differs_on_every_page(self):
        first, other = (QueryDict(f"a=1&csrfmiddlewaretoken={token}") for token in ("x", "y"))

        assert hash_body(first) == hash_body(other) == hash_body(QueryDict("a=1"))

    def test_tells_fields_apart_whatever_their_text_holds(self):
        joined, apart = QueryDict(mutable=True), QueryDict(mutable=True)
        joined.update({"a": "1&b=2"})
        apart.update({"a": "1", "b": "2"})

        assert hash_body(joined) != hash_body(apart)

    def test_fits_its_column(self):
        assert len(hash_body(QueryDict("name=张伟"))) == 64


class TestSweeping:
    @pytest.fixture
    def keys(self, user):
        for days in (KEEP_DAYS - 1, KEEP_DAYS, KEEP_DAYS + 1):
            IdempotencyKey.objects.create(
                key=uuid4(),
                user=user,
                act=f"{days} days old",
                body_hash="",
                location="/",
                created_at=NOON - timedelta(days=days),
            )

    def test_forgets_keys_too_old_for_a_double_click(self, keys):
        assert sweep_keys(at=NOON) == 1
        assert sweep_keys(at=NOON) == 0

        left = set(IdempotencyKey.objects.values_list("act", flat=True))
        assert left == {f"{KEEP_DAYS - 1} days old", f"{KEEP_DAYS} days old"}

    def test_is_a_task_that_may_run_twice(self, form):
        form.send()
        IdempotencyKey.objects.update(created_at=NOON - timedelta(days=10_000))

        assert sweep_idempotency_keys() == 1
        assert sweep_idempotency_keys() == 0
