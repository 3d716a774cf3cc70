"""Signing in and out, and changing a password."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions
from accounts.devices import remember_device
from accounts.entry import everyone_page
from accounts.forms import PasswordForm, SignInForm
from accounts.guessing import WAIT_MINUTES, TooManyGuessesError
from accounts.models import PrivacyNotice, User
from accounts.origin import Actor
from accounts.requests import PersonRequest, PortalRequest
from accounts.second_factor import find_factor
from config.lib.methods import nearest_page, read_or_write, write_only


class SignInView(LoginView):
    """The only sign-in; it is locked after wrong passwords."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    request: PortalRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"try_password": self.try_password}

    def try_password(self, name: str, password: str) -> User | None:
        """The account of a name and password; wrong ones are counted."""
        return actions.try_password(
            request=self.request, name=name, password=password, at=self.request.now
        )

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(*args, **kwargs)
        except TooManyGuessesError:
            return _locked_out(self.request)

    def form_valid(self, form: AuthenticationForm) -> HttpResponseRedirect:
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101 - of our only backend
        actions.sign_in(request=self.request, user=user)
        target = asked_for = self.get_success_url()
        if PrivacyNotice.objects.find_unread(user, self.request.today):
            query = urlencode({"next": asked_for})
            target = f"{reverse('accounts:privacy')}?{query}"
        response = HttpResponseRedirect(target)
        remember_device(self.request, response, user)
        return response

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        asked_for = super().get_redirect_url(request)
        return nearest_page(asked_for) if asked_for else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        extra = {"demo": settings.DEMO, "idle_minutes": settings.IDLE_MINUTES}
        return super().get_context_data(**kwargs) | extra


@login_not_required
@write_only
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. Anonymous users may call it: their session may just have expired."""
    actions.sign_out(request=request)
    messages.success(request, _("You have signed out."))
    return redirect("accounts:sign_in")


@sensitive_post_parameters()
@read_or_write
@everyone_page
def change_password(request: PersonRequest) -> HttpResponse:
    """Change the signed-in person's own password."""
    by, now = Actor.of_request(request), request.now

    def is_own(typed: str) -> bool:
        return actions.is_own_password(user=request.user, password=typed, by=by, at=now)

    form = PasswordForm(request.user, request.POST or None, is_own=is_own)
    try:
        is_valid = request.method == "POST" and form.is_valid()
    except TooManyGuessesError:
        return _locked_out(request)
    if is_valid:
        try:
            user = actions.change_password(
                user=request.user,
                new_password=form.cleaned_data["new_password1"],
                by=by,
            )
        except actions.AccountChangedError:
            return redirect("accounts:password_change")  # redirects to the sign-in, which says why
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password has been changed."))
        return redirect("home")
    context = {"form": form, "has_second_factor": find_factor(request.user) is not None}
    return render(request, "accounts/password_change.html", context)


def _locked_out(request: HttpRequest) -> HttpResponse:
    """Too many wrong passwords. The page does not reveal whether there is such an account."""
    context = {"minutes": WAIT_MINUTES}
    response = render(request, "accounts/locked_out.html", context, status=429)
    response["Retry-After"] = str(WAIT_MINUTES * 60)
    return response
