"""Display of actions on schools and organisations in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from backstage.exports import word_from
from schools.enums import LineKind, TableKind
from schools.models import District, Organisation, RoleGrant, School, Township


def register_facts() -> None:
    """Register the facts in this app's audit entries that are no field of their object."""
    organisation = gettext_lazy("Party organisation")
    register_reference("organisation", organisation, Organisation)
    register_reference("organisation_id", organisation, Organisation)
    into, of_schools = gettext_lazy("merged into"), School._meta.label_lower
    register_reference("into", into, Organisation, "code")
    register_reference("into", into, School, "code", of=of_schools)
    register_reference("parent", gettext_lazy("stands below"), Organisation, "code")
    register_reference("founded", gettext_lazy("founded"), Organisation, "code")
    register_reference("organisations", gettext_lazy("organisations below"), Organisation, "code")
    register_reference("township", gettext_lazy("township"), Township, "code")
    register_reference("townships", gettext_lazy("townships"), Township, "code")
    register_fact("areas", gettext_lazy("townships served until then by"), _format_areas)
    district = District._meta.label_lower
    register_fact("file_name", gettext_lazy("file"), of=district)
    register_fact("table", gettext_lazy("table"), word_from(TableKind.choices), of=district)
    for kind in LineKind:
        register_fact(kind.value, kind.label, of=district)
    register_reference("roles_ended", gettext_lazy("roles ended"), RoleGrant)


def find_by_code(text: str) -> dict[type[models.Model], list[int]]:
    """The organisation and the school with that code."""
    return {
        model: list(model._default_manager.filter(code=text).values_list("pk", flat=True))
        for model in (Organisation, School)
    }


def _format_areas(schools: Mapping[str, str]) -> str:
    """The townships (by code) that a new school takes over, each with its former school."""
    townships = dict(Township.objects.filter(code__in=schools).values_list("code", "name"))
    names = dict(School.objects.filter(code__in=schools.values()).values_list("code", "name"))
    return _("; ").join(
        _("%(label)s: %(value)s")
        % {"label": townships.get(township, township), "value": names.get(school, school)}
        for township, school in sorted(schools.items())
    )
