"""From where a request comes, as the list of one's sessions and the account log keep it."""

import ipaddress
from dataclasses import dataclass

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest
from django.utils.translation import gettext as _

USER_AGENT_LENGTH = 200
# The first that fits; every browser names the older ones it is compatible with.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


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


def device_of(user_agent: str) -> str:
    """“Firefox on Windows”: enough to recognize one's own."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")
