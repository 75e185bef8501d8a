"""From where a request comes, as the list of one's sessions and the account log keep it."""

import ipaddress
from dataclasses import dataclass

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest

USER_AGENT_LENGTH = 200


@dataclass(frozen=True)
class Visitor:
    """`ip` is the visitor's own, also behind trusted proxies (TRUSTED_PROXIES); None where there is none."""

    ip: str | None = None
    user_agent: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Visitor":
        agent = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:USER_AGENT_LENGTH]
        return cls(ip=_address(get_client_ip(request)), user_agent=agent)


def _address(text: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None
