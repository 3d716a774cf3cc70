"""Template tags for parts and addresses that higher apps register."""

from typing import Any

from django import template
from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

from backstage.parts import parts_at
from config.lib.pages import address_of

register = template.Library()


@register.simple_tag
def page_address(page: str, *args: object) -> str:
    """The address of a page of a higher app."""
    return address_of(page, *args)


@register.simple_tag(takes_context=True)
def parts(context: Context, place: str) -> SafeString:
    """Render the parts that higher apps add to a place of this page."""
    engine, rendered = Engine.get_default(), []
    page: Any = context.flatten()
    for part in parts_at(place):
        shown = part.read(page)
        if shown is not None:
            with context.push(**shown):
                rendered.append(engine.get_template(part.template).render(context))
    return mark_safe("".join(rendered))  # noqa: S308 - templates have escaped what they show
