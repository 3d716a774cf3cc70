"""Forms that act at once, without a check page (`backstage.confirmations` has those with one)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page


def submit_once(
    request: PersonRequest,
    form: IdempotentForm,
    *,
    do: Callable[[], object],
    to: str = "",
    done: str | Callable[[], str] = "",
    refusals: tuple[type[Exception], ...] = (),
) -> HttpResponse | None:
    """Carry out the form if it was sent and is valid, as `carry_out_once` does.

    None if the page shows the form: opened, with errors of its own, or with the one of `refusals`
    that `do` raised (`IdempotentForm.refuse`). Other exceptions of `do` propagate.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return carry_out_once(request, form, do=do, to=to, done=done)
    except refusals as refusal:
        form.refuse(refusal)
        return None


def carry_out_once(
    request: PersonRequest,
    form: IdempotentForm,
    *,
    do: Callable[[], object],
    to: str = "",
    done: str | Callable[[], str] = "",
) -> HttpResponse:
    """Do what a valid form says, once however often it is sent, and lead to the page after it.

    That is `to`, by default the address that `do` returns. `done` is the message of success, or
    makes it. 409 if the form was sent before with other content. Exceptions of `do` propagate.
    """
    try:
        address = run_once(
            key=form.cleaned_data["idempotency_key"],
            user=request.user,
            act=request.path,
            body_hash=hash_body(request.POST, _read_files(request)),
            location=to,
            do=do,
        )
    except KeyReusedError:
        return conflict_page(request)
    if said := done if isinstance(done, str) else done():
        messages.success(request, said)
    return redirect(address)


def _read_files(request: PersonRequest) -> bytes:
    """The content of all files of the form, which are then read from their beginning again."""
    contents = []
    for _name, files in request.FILES.lists():
        for file in files:
            file.seek(0)
            contents.append(file.read())
            file.seek(0)
    return b"".join(contents)
