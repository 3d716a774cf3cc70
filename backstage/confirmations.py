"""A form in two steps: fill it in, check its effects, then confirm.

For the check page, the action is fully executed and rolled back, so the page always shows its real
effects. If another person changes something in between, the action is only executed if its effects
are still the same. Otherwise the check page is shown again with the new effects.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.submissions import carry_out_once


@dataclass(frozen=True)
class Blocker:
    """Something that prevents an action: a sentence, and the page where it can be resolved."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Confirmation:
    """The parts of a confirmation page.

    `do` executes the action, or raises one of `refusals` (with its `field`, and `blockers`).
    `effects` describes its result. Both work on validated data. `page` is the context of both
    pages: title, submit_label, done, cancel_url, crumbs. `template` replaces the usual form page.
    `location` is the page that follows, or finds it for the result. `message` makes the success
    message from the result, in place of `done`.
    """

    form: IdempotentForm
    do: Callable[[dict[str, Any]], Any]
    effects: Callable[[Any], list[str]]
    refusals: tuple[type[Exception], ...]
    location: str | Callable[[Any], str]
    page: dict[str, object] = field(default_factory=dict)
    template: str = "backstage/fill_in.html"
    message: Callable[[Any], str] | None = None


class EffectsChangedError(Exception):
    """The effects differ from those on the check page; `effects` has the current ones."""

    def __init__(self, effects: list[str]) -> None:
        super().__init__("the act would do something else than its check page said")
        self.effects = effects


def confirm_action(request: PersonRequest, steps: Confirmation) -> HttpResponse:
    """The form, its check page, or the redirect after the action.

    409 with a new check page if the effects have changed, and 409 if the form was sent before with
    other content.
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
    except EffectsChangedError as error:
        return _show_check(request, steps, error.effects, is_anew=True)
    except steps.refusals as refusal:
        form.refuse(refusal)
        return _show_form(request, steps, getattr(refusal, "blockers", ()))
    return _show_check(request, steps, effects)


def _hash_effects(effects: list[str]) -> str:
    return hashlib.sha256("\n".join(effects).encode()).hexdigest()


def _carry_out(request: PersonRequest, steps: Confirmation) -> HttpResponse:
    said = str(steps.page["done"])
    to = steps.location if isinstance(steps.location, str) else ""

    def do() -> str:
        nonlocal said
        result = steps.do(steps.form.cleaned_data)
        effects = steps.effects(result)
        promise = _hash_effects(effects)
        if request.POST.get("promised", promise) != promise:
            raise EffectsChangedError(effects)
        if steps.message:
            said = steps.message(result)
        return steps.location if isinstance(steps.location, str) else steps.location(result)

    return carry_out_once(request, steps.form, do=do, to=to, done=lambda: said)


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
