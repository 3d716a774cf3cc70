"""A form in two steps: fill in, look at what it will do, then do it.

The check page rehearses the act: it is carried out in full and rolled back, so that what the page
says and what the act does cannot differ. Nor can they where somebody else acted in between: the
act is done only as it was promised, else the page comes again and says what has become of it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page


@dataclass(frozen=True)
class Blocker:
    """What is in the way of an act, in a sentence, and the page where it is settled."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Confirmation:
    """What one such page is made of.

    `do` carries the act out, or raises one of `refusals` (with the `field` where it belongs, and
    `blockers`). `effects` says what its result means. Both work
    on checked data. `page` is the context of both pages: title, submit_label, done, cancel_url,
    crumbs. `template` shows the form where the usual one does not. Where what the act came to is
    known by its result alone, `told` says it in the place of `done`.
    """

    form: IdempotentForm
    act: str
    do: Callable[[dict[str, Any]], Any]
    effects: Callable[[Any], list[str]]
    refusals: tuple[type[Exception], ...]
    location: str
    page: dict[str, object] = field(default_factory=dict)
    template: str = "backstage/fill_in.html"
    told: Callable[[Any], str] | None = None


class EffectsChangedError(Exception):
    """What the act would do now is not what its check page said; `effects` is what it would do."""

    def __init__(self, effects: list[str]) -> None:
        super().__init__("the act would do something else than its check page said")
        self.effects = effects


def confirm_action(request: PersonRequest, steps: Confirmation) -> HttpResponse:
    """The form, its check page, or the redirect after the act.

    409 with the check page anew where the act would do something else than was promised, and where
    the form was sent before with other content.
    """
    form = steps.form
    step = request.POST.get("step", "check")
    if request.method != "POST" or not form.is_valid() or step == "edit":
        return _show_form(request, steps)
    try:
        if step == "do":
            return _carry_out(request, steps)
        with transaction.atomic():
            effects = steps.effects(steps.do(form.cleaned_data))
            transaction.set_rollback(True)
    except KeyReusedError:
        return conflict_page(request)
    except EffectsChangedError as error:
        return _show_check(request, steps, error.effects, is_anew=True)
    except steps.refusals as refusal:
        at = getattr(refusal, "field", NON_FIELD_ERRORS)
        form.add_error(at if at in form.fields else None, str(refusal))
        return _show_form(request, steps, getattr(refusal, "blockers", ()))
    return _show_check(request, steps, effects)


def _hash_effects(effects: list[str]) -> str:
    return hashlib.sha256("\n".join(effects).encode()).hexdigest()


def _carry_out(request: PersonRequest, steps: Confirmation) -> HttpResponse:
    said = str(steps.page["done"])

    def do() -> None:
        nonlocal said
        result = steps.do(steps.form.cleaned_data)
        effects = steps.effects(result)
        promise = _hash_effects(effects)
        if request.POST.get("promised", promise) != promise:
            raise EffectsChangedError(effects)
        if steps.told:
            said = steps.told(result)

    location = run_once(
        key=steps.form.cleaned_data["idempotency_key"],
        user=request.user,
        act=steps.act,
        body_hash=hash_body(request.POST),
        location=steps.location,
        do=do,
    )
    messages.success(request, said)
    return redirect(location)


def _show_check(
    request: PersonRequest, steps: Confirmation, effects: list[str], *, is_anew: bool = False
) -> HttpResponse:
    promise = {"effects": effects, "promised": _hash_effects(effects), "is_anew": is_anew}
    context = {**steps.page, **promise, "form": steps.form}
    return render(request, "backstage/check.html", context, status=409 if is_anew else 200)


def _show_form(
    request: PersonRequest, steps: Confirmation, blockers: Sequence[Blocker] = ()
) -> HttpResponse:
    status = 422 if steps.form.errors or steps.page.get("errors_shown") else 200
    context = {**steps.page, "form": steps.form, "blockers": blockers}
    return render(request, steps.template, context, status=status)
