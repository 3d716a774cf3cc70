"""A form acts once however often it is sent, and shows why it was refused."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory

from backstage.forms import IdempotentForm
from backstage.submissions import carry_out_once, submit_once
from config.lib.errors import PortalError
from schools.models import Township
from tests import factories
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class NameForm(IdempotentForm):
    name = forms.CharField(max_length=8)


class NameTakenError(PortalError):
    def __init__(self, field: str | None = None) -> None:
        super().__init__("This name is taken.")
        self.field = field


class Desk:
    """Where somebody adds townships; each `send` is a request of its own."""

    def __init__(self) -> None:
        self.user = factories.make_user()
        self.body = {"idempotency_key": str(uuid4()), "name": "赤龙北"}
        self.request = self.form = None

    def do(self) -> str:
        Township.objects.create(
            code=str(Township.objects.count()), name=self.form.cleaned_data["name"]
        )
        return f"/townships/{Township.objects.count()}/"

    def send(
        self, path="/add/", file=None, answer_by=submit_once, do=None, **options
    ) -> HttpResponse | None:
        upload = {"upload": SimpleUploadedFile("a.txt", file)} if file else {}
        self.ask(RequestFactory().post(path, {**self.body, **upload}))
        return answer_by(self.request, self.form, do=do or self.do, **options)

    def ask(self, request) -> None:
        request.user, request.session = self.user, {}
        request._messages = FallbackStorage(request)
        self.request = request
        self.form = NameForm(request.POST if request.method == "POST" else None)

    @property
    def said(self) -> list[str]:
        return [str(message) for message in get_messages(self.request)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestAForm:
    def test_acts_and_leads_to_the_address_of_the_act(self, desk):
        answer = desk.send(done="Added.")

        assert (answer.status_code, answer.url) == (302, "/townships/1/")
        assert desk.said == ["Added."]

    def test_leads_to_the_address_that_the_view_names(self, desk):
        assert desk.send(to="/townships/").url == "/townships/"

    def test_sent_again_is_answered_again_and_acts_no_more(self, desk):
        first = desk.send()

        assert desk.send().url == first.url
        assert Township.objects.count() == 1

    def test_sent_with_other_content_is_told_so(self, desk):
        desk.send()
        desk.body["name"] = "杨柳青"

        assert desk.send(done="Added.").status_code == 409
        assert desk.said == []
        assert Township.objects.count() == 1

    def test_sent_to_another_address_is_told_so(self, desk):
        desk.send()

        assert desk.send(path="/merge/").status_code == 409

    def test_its_files_are_content_as_well(self, desk):
        assert desk.send(file=b"one").status_code == 302
        assert desk.send(file=b"one").status_code == 302
        assert desk.send(file=b"two").status_code == 409

    def test_its_files_are_read_by_the_act_from_their_beginning(self, desk):
        def do() -> str:
            return f"/{desk.request.FILES['upload'].read().decode()}/"

        assert desk.send(file=b"one", do=do).url == "/one/"

    def test_a_message_is_made_after_the_act(self, desk):
        desk.send(done=lambda: f"{Township.objects.count()} in all.")

        assert desk.said == ["1 in all."]


class TestThePageComesAgain:
    def test_for_a_form_that_is_opened(self, desk):
        desk.ask(RequestFactory().get("/add/"))

        assert submit_once(desk.request, desk.form, do=desk.do) is None
        assert not desk.form.errors

    def test_for_a_form_with_errors(self, desk):
        desk.body["name"] = "a name that is too long"

        assert desk.send() is None
        assert list(desk.form.errors) == ["name"]

    @pytest.mark.parametrize(
        ("field", "shown_at"), [("name", "name"), ("not_here", "__all__"), (None, "__all__")]
    )
    def test_with_the_refusal_at_its_field(self, desk, field, shown_at):
        def do() -> None:
            raise NameTakenError(field)

        assert desk.send(do=do, refusals=(NameTakenError,)) is None
        assert desk.form.errors == {shown_at: ["This name is taken."]}

    def test_with_the_refusal_where_the_form_wants_it(self, desk, monkeypatch):
        monkeypatch.setattr(NameForm, "refused_at", "name")

        def do() -> None:
            raise NameTakenError

        desk.send(do=do, refusals=(NameTakenError,))
        assert desk.form.errors == {"name": ["This name is taken."]}

    def test_and_may_be_sent_again_under_its_key(self, desk):
        def do() -> None:
            raise NameTakenError

        desk.send(do=do, refusals=(NameTakenError,))
        desk.body["name"] = "corrected"[:8]

        assert desk.send().status_code == 302


@pytest.mark.parametrize("answer_by", [submit_once, carry_out_once])
def test_other_errors_are_the_views_to_answer(desk, answer_by):
    def do() -> None:
        raise NameTakenError

    def answer(request, form, **kwargs):
        assert form.is_valid()
        return answer_by(request, form, **kwargs)

    with refused(NameTakenError):
        desk.send(do=do, answer_by=answer)
