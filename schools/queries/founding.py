"""The steps of founding that this app knows: district, divisions, schools, tree, staff."""

from __future__ import annotations

from datetime import date

from django.db.models import Count
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from backstage.founding import FoundingStep, StepLink
from config.lib.pages import address_of
from config.lib.periods import in_force
from config.lib.sentences import join_sentences
from schools.enums import OrganisationKind, TableKind
from schools.models import (
    District,
    Organisation,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    Township,
    Village,
)
from schools.permissions import founders

DISTRICT, DIVISIONS, SCHOOLS = "district", "divisions", "schools"
ROOT, TREE, STAFF = "root", "tree", "staff"
OFFICE = frozenset({Role.ORGANISATION_DEPARTMENT})
SECURITY = frozenset({Role.SECURITY_ADMINISTRATOR})
# Up to this many names stand in a sentence.
_NAMED = 5


def district_step(_on: date) -> FoundingStep:
    """The row of the district."""
    roles = founders()
    district = District.objects.first()
    return FoundingStep(
        DISTRICT,
        _("District"),
        district is not None,
        there=_named(district.name, district.code) if district else "",
        missing=_("Its code of six digits and its name."),
        links=(
            StepLink(
                _("Look at the district") if district else _("Found the district"),
                reverse("schools:found_district"),
                roles,
            ),
        ),
        roles=roles,
    )


def divisions_step(_on: date) -> FoundingStep:
    """Townships, and their villages."""
    roles = founders()
    townships, villages = Township.objects.count(), Village.objects.count()
    return FoundingStep(
        DIVISIONS,
        _("Townships and villages"),
        townships > 0,
        there=count_divisions(townships, villages) if townships else "",
        missing=_("The division table, as a file, or township by township."),
        needs=(DISTRICT,),
        links=(
            StepLink(_("Add townships and villages"), table_address(TableKind.DIVISIONS), roles),
        ),
        roles=roles,
    )


def schools_step(on: date) -> FoundingStep:
    """Schools, which serve every township."""
    roles = founders()
    schools = School.objects.in_force(on).count()
    unserved = list_unserved(on)
    text = ngettext("%(n)d school.", "%(n)d schools.", schools)
    missing = _("Schools, and the townships that each serves.")
    if schools and unserved:
        missing = _("No school serves: %(townships)s.") % {"townships": shorten(unserved)}
    return FoundingStep(
        SCHOOLS,
        _("Schools"),
        schools > 0 and not unserved,
        there=text % {"n": schools} if schools else "",
        missing=missing,
        needs=(DIVISIONS,),
        links=(StepLink(_("Found schools"), table_address(TableKind.SCHOOLS), roles),),
        roles=roles,
    )


def root_step(on: date) -> FoundingStep:
    """The top of the tree."""
    roles = founders()
    root = get_root(on)
    return FoundingStep(
        ROOT,
        _("District committee"),
        root is not None,
        there=_named(root.name, root.code) if root else "",
        missing=_("The top of the organisation tree: code, name and first day."),
        needs=(DISTRICT,),
        links=(
            StepLink(
                _("Look at the district committee") if root else _("Found the district committee"),
                reverse("schools:found_root"),
                roles,
            ),
        ),
        roles=roles,
    )


def tree_step(on: date) -> FoundingStep:
    """The organisations below the top, down to branches."""
    roles = founders()
    counts = count_levels(on)
    missing = _("Committees, general branches and branches, from a file or one by one.")
    if counts:
        missing = _("Branches, from a file or one by one; the register may propose them as well.")
    return FoundingStep(
        TREE,
        _("Organisation tree"),
        OrganisationKind.BRANCH in counts,
        there=format_levels(counts),
        missing=missing,
        needs=(DIVISIONS, ROOT),
        links=(
            StepLink(_("Organisations from a file"), table_address(TableKind.TREE), roles),
            StepLink(_("Organisations one by one"), address_of("organisations"), OFFICE),
        ),
        roles=roles,
    )


def staff_step(on: date) -> FoundingStep:
    """An officer of the organisation department, and a clerk at each school."""
    grants = RoleGrant.objects.in_force(on)
    counts = dict(grants.order_by().values_list("role").annotate(n=Count("user", distinct=True)))
    clerks = grants.filter(role=Role.SCHOOL_CLERK).values("school")
    without = School.objects.in_force(on).exclude(pk__in=clerks)
    names = list(without.values_list("name", flat=True))
    has_officer = Role.ORGANISATION_DEPARTMENT in counts
    there = [
        _("%(label)s: %(value)s") % {"label": capfirst(Role(role).label), "value": counts[role]}
        for role in (Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK)
        if role in counts
    ]
    missing = [] if has_officer else [_("Nobody is organisation department officer.")]
    if names:
        missing.append(_("Schools without a clerk: %(schools)s.") % {"schools": shorten(names)})
    return FoundingStep(
        STAFF,
        _("Staff"),
        has_officer and not names and School.objects.in_force(on).exists(),
        there=_("; ").join(there),
        missing=join_sentences(missing),
        needs=(SCHOOLS,) if has_officer else (),
        links=(
            StepLink(_("Create an account"), reverse("admin:accounts_user_add"), SECURITY),
            StepLink(_("Grant a role"), reverse("admin:schools_rolegrant_add"), SECURITY),
        ),
        roles=SECURITY,
    )


def get_root(on: date) -> Organisation | None:
    """The top of the tree on the day `on`, else one that is founded for a later day."""
    tops = Placement.objects.filter(parent=None).select_related("organisation")
    top = tops.filter(in_force(on)).first() or tops.order_by("period").last()
    return top.organisation if top else None


def list_unserved(on: date) -> list[str]:
    """The names of the townships that no school serves on the day `on`."""
    served = SchoolArea.objects.filter(in_force(on)).values("township")
    return list(Township.objects.exclude(pk__in=served).values_list("name", flat=True))


def count_levels(on: date) -> dict[str, int]:
    """The number of organisations of each level below the top."""
    rows = Organisation.objects.filter(in_force(on)).exclude(
        kind=OrganisationKind.DISTRICT_COMMITTEE
    )
    return dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))


def format_levels(counts: dict[str, int]) -> str:
    """These numbers in words, the highest level first."""
    parts = [
        _("%(label)s: %(value)s") % {"label": kind.label, "value": f"{counts[kind]:,}"}
        for kind in OrganisationKind
        if kind in counts
    ]
    return capfirst(_("; ").join(parts))


def count_divisions(townships: int, villages: int) -> str:
    """Numbers of townships and villages in words."""
    return _(
        "Townships and subdistricts: %(townships)d; villages and communities: %(villages)d"
    ) % {
        "townships": townships,
        "villages": villages,
    }


def table_address(kind: TableKind) -> str:
    """The page on which a table of this kind is uploaded."""
    return reverse("schools:found_table", args=[kind])


def shorten(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    shown = _(", ").join(names[:_NAMED])
    more = len(names) - _NAMED
    if more <= 0:
        return shown
    text = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
    return text % {"names": shown, "n": more}


def _named(name: str, code: str) -> str:
    return _("%(name)s (%(what)s)") % {"name": name, "what": code}
