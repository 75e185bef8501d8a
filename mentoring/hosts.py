"""Under which host names Upward answers: that of BASE_URL and those of ALLOWED_HOSTS, each with its port."""

from urllib.parse import urlsplit

from django.conf import settings


def own_host() -> str:
    """The host in every address that we make; what the request says is never part of one."""
    return without_usual_port(urlsplit(settings.BASE_URL).netloc)


def our_hosts() -> frozenset[str]:
    own = urlsplit(settings.BASE_URL)
    # Django wants BASE_URL's bare name in ALLOWED_HOSTS; without its port it is not our host.
    others = (host for host in settings.ALLOWED_HOSTS if host != own.hostname)
    return frozenset({own_host(), *map(without_usual_port, others)})


def without_usual_port(host: str) -> str:
    usual = ":443" if settings.BASE_URL.startswith("https://") else ":80"
    return host.lower().removesuffix(usual)
