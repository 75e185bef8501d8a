"""E-mail addresses as somebody types them, for limits that no other spelling may get round."""

import unicodedata

from mentoring.queries.users import user_of


def limit_key(address: str) -> str:
    """What tries with this address are counted under: the account that it leads to, whichever of its
    addresses and however it is written; without one, the address without what mail programs ignore."""
    user = user_of(address)
    return f"user:{user.pk}" if user else f"address:{bare(address)}"


def bare(address: str) -> str:
    """One spelling for all: no capitals, blanks, look-alikes of width, dots or tags in the name."""
    plain = "".join(unicodedata.normalize("NFKC", address).casefold().split())
    name, _, domain = plain.rpartition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain.rstrip('.')}"
