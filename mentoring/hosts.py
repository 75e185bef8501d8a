"""Under which host names Upward answers: that of BASE_URL and those of ALLOWED_HOSTS, each with its port."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme


def own_host() -> str:
    """The host in every address that we make; what the request says is never part of one."""
    return without_usual_port(urlsplit(settings.BASE_URL).netloc)


def our_hosts() -> frozenset[str]:
    base = urlsplit(settings.BASE_URL)
    # Django wants BASE_URL's bare name in ALLOWED_HOSTS; without its port it is not our host.
    others = (host for host in settings.ALLOWED_HOSTS if host != base.hostname)
    return frozenset({own_host(), *map(without_usual_port, others)})


def without_usual_port(host: str) -> str:
    name, _colon, port = host.lower().rpartition(":")
    usual = "443" if settings.BASE_URL.startswith("https://") else "80"
    is_whole = ":" not in name or name.endswith("]")
    return name if port == usual and name and is_whole else host.lower()


def own_path(address: str) -> str:
    """Path and query of a page of ours that a browser named in whole (`Referer`); of any other page none."""
    if not url_has_allowed_host_and_scheme(address, our_hosts()):
        return ""
    parts = urlsplit(address)
    path = "/" + parts.path.lstrip("/")  # two slashes would begin the name of another host
    return f"{path}?{parts.query}" if parts.query else path
