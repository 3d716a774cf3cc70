"""Who acts and from where; passed to every action as `by`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.enums import ActorChannel

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Actor:
    """The person behind an action, or the system if there is none, for the audit trail."""

    user: User | None
    channel: ActorChannel
    address: str | None = None

    @classmethod
    def of_request(cls, request: HttpRequest, channel: ActorChannel = ActorChannel.WEB) -> Actor:
        """The signed-in person of a request."""
        return cls(request.user, channel, client_address(request))  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """The actor's name in the audit trail."""
        return self.user.display_name if self.user else str(self.channel)


def person_of(by: Actor) -> User:
    """The person who acts. Raises PermissionDenied if the system acts."""
    if by.user is None:
        raise PermissionDenied
    return by.user


def client_address(request: HttpRequest) -> str | None:
    """The address that a request came from.

    X-Forwarded-For is only trusted for the hops written by proxies in `TRUSTED_PROXIES`: the last
    hop that is not one of them is the client. If that is no address (`unknown`), the proxy's own
    address is used.
    """
    address = request.META.get("REMOTE_ADDR") or None
    if address not in settings.TRUSTED_PROXIES:
        return address
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    for hop in reversed(hops):
        if hop and hop not in settings.TRUSTED_PROXIES:
            return hop if _is_address(hop) else address
    return address


def counted_address(request: HttpRequest) -> str | None:
    """The address for counting wrong codes: `client_address`, but for IPv6 the network.

    Any client with an IPv6 address can choose from all 64 bits of its network.
    """
    address = client_address(request)
    parsed = ip_address(address) if address and _is_address(address) else None
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address


def site_address(request: HttpRequest) -> str:
    """The portal's address for documents, without a slash at the end."""
    return str(settings.SITE_ADDRESS or request.build_absolute_uri("/")).rstrip("/")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
