"""Activation with the code on a slip, and the privacy notice."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions
from accounts.activation import ActivationError, activate_account, try_code
from accounts.codes import WRONG_TRIES_ALLOWED
from accounts.devices import remember_device
from accounts.enums import ActorChannel
from accounts.forms import ActivationForm, CodeForm
from accounts.models import (
    ActivationCode,
    NoticeReading,
    PrivacyNotice,
    User,
)
from accounts.origin import Actor, client_address, counted_address
from accounts.requests import PortalRequest
from config.lib.methods import nearest_page, read_or_write
from config.lib.periods import local_date

# Session key: the valid code that was typed, and when. The user needs time to read the notice.
CODE = "activation"
MINUTES_TO_READ = 60


@login_not_required
@never_cache
@sensitive_post_parameters()
@read_or_write
def activate(request: PortalRequest) -> HttpResponse:
    """The first step: the person's number or name, and the code on the slip."""
    if request.user.is_authenticated:
        return redirect("home")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = request.now
        try:
            code = try_code(
                name=form.cleaned_data["username"],
                code=form.cleaned_data["code"],
                address=counted_address(request),
                at=now,
            )
        except ActivationError as error:
            form.add_error(None, str(error))
        else:
            if code is not None:
                # A previous holder of the session key must not get in with it now.
                request.session.cycle_key()
                request.session[CODE] = {"code": code.pk, "at": now.isoformat()}
                return redirect("accounts:activate_password")
            form.add_error(None, _wrong_code())
    status = 422 if form.errors else 200
    return render(request, "accounts/activate.html", {"form": form}, status=status)


def _wrong_code() -> str:
    """One message for all reasons, so that it does not reveal who has an account."""
    return _(
        "The number and the code do not fit each other, or the code was used, has expired, or has "
        "ended since the account was given a role. "
        "After %(limit)s wrong codes a slip no longer works: then ask for a new one."
    ) % {"limit": WRONG_TRIES_ALLOWED}


@login_not_required
@never_cache
@sensitive_post_parameters()
@read_or_write
def choose_password(request: PortalRequest) -> HttpResponse:
    """The second step: the privacy notice in full, and a password. Then the user is signed in."""
    now = request.now
    code = _typed_code(request, now)
    if code is None:
        return redirect("accounts:activate")
    notice = _current_notice(now)
    form = ActivationForm(code.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = Actor(code.user, ActorChannel.WEB, client_address(request))
        try:
            user = activate_account(
                code_id=code.pk,
                new_password=form.cleaned_data["new_password1"],
                notice=notice,
                by=by,
                at=now,
            )
        except ActivationError as error:
            form.add_error(None, str(error))
        else:
            del request.session[CODE]
            actions.sign_in(request=request, user=user)
            messages.success(request, _("Welcome. From now on sign in with this password."))
            response = redirect("home")
            remember_device(request, response, user)
            return response
    context = _notice_context(notice) | {"form": form, "person": code.user}
    status = 422 if form.errors else 200
    return render(request, "accounts/activate_password.html", context, status=status)


def _typed_code(request: PortalRequest, now: datetime) -> ActivationCode | None:
    """The open code of the first step, while the session still remembers it."""
    typed = request.session.get(CODE)
    if typed is None:
        return None
    since = datetime.fromisoformat(typed["at"])
    if now - since > timedelta(minutes=MINUTES_TO_READ):
        return None
    return (
        ActivationCode.objects.open_at(now).select_related("user").filter(pk=typed["code"]).first()
    )


@login_not_required
@read_or_write
def privacy(request: PortalRequest) -> HttpResponse:
    """The current privacy notice, for everyone; a user who has not confirmed it does so here."""
    now = request.now
    notice = _current_notice(now)
    user = request.user if isinstance(request.user, User) else None
    if request.method == "POST":
        if user is None:
            return redirect("accounts:sign_in")
        by = Actor.of_request(request)
        actions.record_notice_reading(user=user, notice=notice, by=by, at=now)
        return redirect(_next(request))
    reading = NoticeReading.objects.filter(user=user, notice=notice).first() if user else None
    context = _notice_context(notice) | {
        "reading": reading,
        "may_confirm": user is not None and reading is None,
        "next": _next(request) if "next" in request.GET else "",
    }
    return render(request, "accounts/privacy.html", context)


def _current_notice(now: datetime) -> PrivacyNotice:
    """The current version. Raises Http404 if none has been published."""
    notice = PrivacyNotice.objects.published(local_date(now)).first()
    if notice is None:
        raise Http404
    return notice


def _notice_context(notice: PrivacyNotice) -> dict[str, Any]:
    return {"notice": notice, "paragraphs": notice.paragraphs(get_language() or "")}


def _next(request: PortalRequest) -> str:
    """The previously requested page on this site, else the home page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return nearest_page(target) if is_ours else "/"
