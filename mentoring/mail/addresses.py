"""Addresses as mail servers take them (RFC 5321, 5890)."""

import idna


def ascii_address(email: str) -> str:
    """The same address with its domain in ASCII (`xn--`), which every mail server takes.

    Raises `ValueError` for what no domain can be, and for letters before the @ that not every server takes:
    such an address is refused where it is typed or imported.
    """
    local, at, domain = email.rpartition("@")
    if domain.isascii() or not at:
        return email
    return f"{local}@{idna.encode(domain, uts46=True, transitional=False).decode()}"
