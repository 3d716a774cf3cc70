"""Amounts of money in templates."""

from decimal import Decimal

from django import template

from funding.amounts import format_amount
from funding.enums import CommitmentState, FindingState
from schools.enums import FundingChannel

register = template.Library()


@register.filter
def yuan(value: Decimal) -> str:
    """An amount with two places and thousands separators: 1,234.50."""
    return format_amount(value)


@register.filter
def commitment_state(value: str) -> str:
    """What a commitment waits for, in words."""
    return str(CommitmentState(value).label)


@register.filter
def finding_state(value: str) -> str:
    """What a finding waits for, in words."""
    return str(FindingState(value).label)


@register.filter
def channel_name(value: str) -> str:
    """The name of a channel; "" for none."""
    return str(FundingChannel(value).label) if value else ""
