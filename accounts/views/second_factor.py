"""The second factor of staff: enrolment, the code at sign-in, recovery codes, and a reset."""

import json
from datetime import datetime

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor
from accounts.entry import page_for
from accounts.enums import STAFF_ROLES, Role
from accounts.forms import SecondFactorForm
from accounts.given_codes import is_code_fresh, is_code_given, note_code
from accounts.guessing import TooManyGuessesError
from accounts.models import User
from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.encryption import decrypt, encrypt
from config.lib.methods import nearest_page, read_or_write, write_only
from config.lib.qr_codes import draw_qr

# Session keys, each encrypted: the secret of an app that is being enrolled; codes not yet kept.
_SECRET, _CODES = "new_factor", "recovery_codes"


@sensitive_post_parameters()
@read_or_write
@page_for(*STAFF_ROLES)
def give_code(request: PersonRequest) -> HttpResponse:
    """A code of the app or a recovery code; afterwards also the state of one's own factor."""
    factor = second_factor.find_factor(request.user)
    if factor is None:
        return redirect("accounts:enrol_second_factor")
    now = request.now
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, typed = Actor.of_request(request), form.cleaned_data["code"]
        try:
            fits = second_factor.try_code(user=request.user, typed=typed, by=by, at=now)
        except TooManyGuessesError as error:
            form.add_error("code", str(error))
        else:
            if fits:
                note_code(request, now)
                return redirect(_next(request))
            form.add_error(
                "code", _("This is no code of your app now, and no unused one on paper.")
            )
    context = {
        "form": form,
        "factor": factor,
        "codes_left": factor.recovery_codes.filter(used_at__isnull=True).count(),
        "is_given": is_code_given(request),
        "is_fresh": is_code_fresh(request, now),
        "next": _next(request) if "next" in request.GET or "next" in request.POST else "",
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/second_factor.html", context, status=status)


@sensitive_post_parameters()
@read_or_write
@page_for(*STAFF_ROLES)
def enrol(request: PersonRequest) -> HttpResponse:
    """A QR code for an app, and its first code. Who has an app gives a code of it first."""
    now = request.now
    if second_factor.find_factor(request.user) and not is_code_fresh(request, now):
        return _ask_code(request, reverse("accounts:enrol_second_factor"))
    secret = _secret_of(request)
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = second_factor.find_step(secret, form.cleaned_data["code"], now)
        if step is not None:
            return _take_into_use(request, secret, step, now)
        form.add_error(
            "code", _("This is no code that the app shows now. Compare the clock of the phone.")
        )
    address = second_factor.address_of_secret(secret, request.user, request.get_host())
    context = {
        "form": form,
        "qr": draw_qr(address),
        "secret": second_factor.spell_secret(secret),
        "reset": second_factor.find_reset(request.user),
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/enrol_second_factor.html", context, status=status)


@read_or_write
@page_for(*STAFF_ROLES)
def recovery_codes(request: PersonRequest) -> HttpResponse:
    """The new recovery codes, to be printed. Once they are kept, nobody sees them again."""
    if request.method == "POST":
        request.session.pop(_CODES, None)
        return redirect("home")
    sealed = request.session.get(_CODES)
    if sealed is None or not is_code_given(request):
        return redirect("accounts:second_factor")
    return render(request, "accounts/recovery_codes.html", {"codes": json.loads(decrypt(sealed))})


@write_only
@page_for(*STAFF_ROLES)
def renew_codes(request: PersonRequest) -> HttpResponse:
    """New recovery codes in place of those before."""
    now = request.now
    if second_factor.find_factor(request.user) is None or not is_code_fresh(request, now):
        return _ask_code(request, reverse("accounts:second_factor"))
    codes = second_factor.renew_codes(user=request.user, by=Actor.of_request(request), at=now)
    return _show_codes(request, codes)


@read_or_write
@page_for(Role.SECURITY_ADMINISTRATOR)
def reset(request: PersonRequest, user_id: int) -> HttpResponse:
    """The security administrator ends the factor of somebody who lost it: check page and act."""
    account = get_object_or_404(User.objects.exclude(pk=request.user.pk), pk=user_id)
    if second_factor.find_factor(account) is None:
        raise Http404
    if request.method == "POST":
        second_factor.reset(user=account, by=Actor.of_request(request), at=request.now)
        messages.success(request, _("The second factor was reset; the person enrols anew."))
        return redirect("admin:accounts_user_change", account.pk)
    return render(request, "accounts/reset_second_factor.html", {"account": account})


def _secret_of(request: HttpRequest) -> str:
    """The secret that this session offers, drawn at the first visit."""
    sealed = request.session.get(_SECRET)
    if sealed is None:
        sealed = request.session[_SECRET] = encrypt(second_factor.draw_secret())
    return decrypt(sealed)


def _take_into_use(request: PersonRequest, secret: str, step: int, now: datetime) -> HttpResponse:
    by = Actor.of_request(request)
    codes = second_factor.enrol(user=request.user, secret=secret, step=step, by=by, at=now)
    del request.session[_SECRET]
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)  # all others end
    note_code(request, now)
    return _show_codes(request, codes)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    request.session[_CODES] = encrypt(json.dumps(codes))
    return redirect("accounts:recovery_codes")


def _ask_code(request: HttpRequest, then: str) -> HttpResponse:
    messages.info(request, _("Give a code first: it must not be older than ten minutes."))
    return redirect(reverse("accounts:second_factor", query={"next": then}))


def _next(request: HttpRequest) -> str:
    """The page that was asked for on this site, else the home page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return nearest_page(target) if is_ours else "/"
