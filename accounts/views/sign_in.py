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
from accounts.forms import PasswordForm, SignInForm
from accounts.models import PrivacyNotice
from accounts.origin import Actor
from accounts.requests import PersonRequest
from config.lib.methods import nearest_page, read_or_write, write_only
from config.lib.periods import today


class SignInView(LoginView):
    """The only sign-in. django-axes locks it after wrong passwords."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponseRedirect:
        user = form.get_user()
        actions.sign_in(request=self.request, user=user)
        asked_for = self.get_success_url()
        if PrivacyNotice.objects.find_unread(user, today()):
            query = urlencode({"next": asked_for})
            return HttpResponseRedirect(f"{reverse('accounts:privacy')}?{query}")
        return HttpResponseRedirect(asked_for)

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
def change_password(request: PersonRequest) -> HttpResponse:
    """Change the signed-in person's own password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.change_password(
                user=request.user,
                new_password=form.cleaned_data["new_password1"],
                by=Actor.of_request(request),
            )
        except actions.AccountChangedError:
            return redirect("accounts:password_change")  # redirects to the sign-in, which says why
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password has been changed."))
        return redirect("home")
    return render(request, "accounts/password_change.html", {"form": form})
