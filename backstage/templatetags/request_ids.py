"""The id of the request on error pages, which have neither request nor user."""

from django import template

from config.lib.request_ids import current_request_id

register = template.Library()


@register.inclusion_tag("components/request_id.html")
def request_id() -> dict[str, str]:
    """`components/request_id.html`."""
    return {"number": current_request_id()}
