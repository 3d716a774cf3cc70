"""Admin addresses by rule: who enters, and what each ModelAdmin's roles open."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import URLPattern, get_resolver, reverse

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.roles import holds_any

ENTERING = DISTRICT_ROLES | ADMINISTRATOR_ROLES
ROLES = [None, *Role]
# What is not about one model: address, arguments, and the answer to those who may enter and to
# those who may not.
SITE_WIDE = {
    "index": ([], 200, 302),
    "login": ([], 302, 302),
    "logout": ([], 405, 302),
    "password_change": ([], 302, 302),
    "password_change_done": ([], 302, 302),
    "autocomplete": ([], 403, 302),
    "jsi18n": ([], 200, 302),
    "app_list": (["schools"], 200, 302),
    "view_on_site": ([1, 1], 404, 302),
}
VERBS = {"changelist", "add", "change", "history", "delete"}


def url_of(model, verb: str, pk: object = None) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{verb}"
    return reverse(name, args=[] if pk is None else [pk])


def test_every_admin_address_follows_a_rule():
    """A view added to the admin site outside the five verbs needs a rule of its own."""
    by_rule = {
        f"{m._meta.app_label}_{m._meta.model_name}_{verb}"
        for m in admin.site._registry
        for verb in VERBS
    }
    rules = set()
    for entry in get_resolver().url_patterns:
        if getattr(entry, "namespace", None) == "admin":
            stack = list(entry.url_patterns)
            while stack:
                pattern = stack.pop()
                if isinstance(pattern, URLPattern):
                    rules.add(pattern.name)
                else:
                    stack.extend(pattern.url_patterns)
    # Django's own redirect of the former change address and the catch-all carry no name.
    assert {name for name in rules if name} - by_rule <= set(SITE_WIDE)


@pytest.mark.parametrize("role", ROLES)
def test_only_district_staff_and_administrators_enter(two_schools, role):
    status = two_schools.client(role).get(reverse("admin:index")).status_code

    assert status == (200 if role in ENTERING else 302)


@pytest.mark.parametrize("name", SITE_WIDE)
def test_what_is_not_about_one_model(two_schools, name):
    args, entering, others = SITE_WIDE[name]
    url = reverse(f"admin:{name}", args=args)

    assert two_schools.client(Role.ORGANISATION_DEPARTMENT).get(url).status_code == entering
    for role in (Role.SCHOOL_CLERK, Role.MEMBER):
        assert two_schools.client(role).get(url).status_code == others


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda m: m._meta.label)
def test_lists_and_forms_open_to_the_roles_that_the_admin_names(two_schools, model):
    model_admin = admin.site._registry[model]
    obj = model._default_manager.first()
    for role in ROLES:
        client = two_schools.client(role)
        user = two_schools.people.get(role)
        sees = user is not None and holds_any(
            user, *model_admin.view_roles, *model_admin.change_roles
        )
        adds = (
            user is not None and model_admin.addable and holds_any(user, *model_admin.change_roles)
        )
        denied = 403 if role in ENTERING else 302

        assert client.get(url_of(model, "changelist")).status_code == (200 if sees else denied)
        assert client.get(url_of(model, "add")).status_code == (200 if adds else denied)
        if obj is not None:
            change = client.get(url_of(model, "change", obj.pk)).status_code
            assert change == (200 if sees else denied), (role, model)
            delete = client.get(url_of(model, "delete", obj.pk)).status_code
            assert delete in ({200, 403} if adds and model_admin.deletable else {denied})
