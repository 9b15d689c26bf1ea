"""The address guard: only public addresses are connected to, whatever name, redirect or notation leads there.

It is asked twice: for the URL, before anything is sent (schemes, addresses written out), and for the address that is
about to be dialled, after the name was resolved. A name that resolves differently the second time gains nothing.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from harvester.errors import AddressRefused

Address = IPv4Address | IPv6Address

_DENIED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # with 127.0.0.1 in it, "IPv4-compatible"
        "::ffff:0:0/96",
        "64:ff9b::/96",  # NAT64: any IPv4 address may be behind it
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""Spelt out: Python 3.11's `is_global` takes NAT64, 6to4, ::/96, fec0::/10, 3fff::/20 and 5f00::/16 for public."""
_PUBLIC_6 = IPv6Network("2000::/3")
_MOST_REFUSED = 1000
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE)
_DOTS = str.maketrans("。．｡", "...")


class Guard:
    """`allow` are addresses or networks that tests may reach although they are not public.

    `only` is the one (address, port) that may be connected to, in the demonstration: the simulated web.
    """

    def __init__(self, *, allow: Iterable[str] = (), only: tuple[str, int] | None = None) -> None:
        self._allowed = tuple(ip_network(text) for text in allow)
        self.only = only
        self._refused: dict[str, AddressRefused] = {}

    def check_url(self, url: str) -> None:
        """Raises AddressRefused for schemes other than http and https, and for hosts written as such an address."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise AddressRefused("an address that cannot be read", url=_shown(url)) from None
        if parts.scheme not in ("http", "https"):
            raise AddressRefused(f"{_shown(url)}: only http and https are asked", url=_shown(url))
        if not host or port == 0:
            raise AddressRefused(f"{_shown(url)}: no host", url=_shown(url))
        if "%" in host:  # of an escape, which clients of HTTP read each in their own way, or of a zone of this network
            raise AddressRefused(f"{_shown(url)}: the host is written with %", url=_shown(url))
        if self.only is not None:
            if parts.scheme != "http":
                raise AddressRefused(
                    f"{_shown(url)}: the simulated web speaks http", url=_shown(url), remedy="write http://"
                )
            return
        self.check_host(host)

    def check_host(self, host: str) -> None:
        """Raises AddressRefused when `host` is itself an address that is not public, in any notation."""
        address = literal(host)
        if address is not None:
            self._check(address, host)
        elif not self._allowed and (_plain(host) in ("localhost", "") or _plain(host).endswith(".localhost")):
            raise AddressRefused(f"{host!r} is this machine", url=host)

    def check_dial(self, address: str, port: int, *, host: str) -> None:
        """Raises AddressRefused when `address`, to which `host` resolved, may not be connected to."""
        if self.only is not None:
            if (address, port) != self.only:
                raise AddressRefused(f"{host!r}: only the simulated web may be connected to", url=host)
            return
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            raise AddressRefused(f"{host!r} resolves to something that is no address", url=host) from None
        self._check(found, host)

    def refused(self, host: str, error: AddressRefused) -> None:
        """Keep why a name was not dialled, for whoever only hears that it did not resolve."""
        if len(self._refused) >= _MOST_REFUSED:
            self._refused.clear()
        self._refused[host] = error

    def refusal(self, url: str) -> AddressRefused | None:
        """Why the URL's host was not dialled, when the guard was the reason."""
        return self._refused.get(urlsplit(url).hostname or "")

    def resolve(self, host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
        """Addresses to dial, each checked (blocking). Raises AddressRefused, or OSError when there is no such name."""
        found: list[tuple[socket.AddressFamily, str]] = []
        refused: AddressRefused | None = None
        for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            address = str(place[0])
            try:
                self.check_dial(address, port, host=host)
            except AddressRefused as error:
                refused = error
            else:
                found.append((family, address))
        if not found:
            raise refused or AddressRefused(f"{host!r} has no address", url=host)
        return found

    def _check(self, address: Address, host: str) -> None:
        if any(address in network for network in self._allowed):
            return
        if not is_public(address):
            raise AddressRefused(f"{host!r} is {address}, which is no public address", url=host)


def is_public(address: Address) -> bool:
    """Whether anybody may be there: global unicast, and none of the ranges that lead back to private ones."""
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _PUBLIC_6):
        return False
    return address.is_global and not any(
        address in network
        for network in _DENIED
        if isinstance(network, IPv4Network) == isinstance(address, IPv4Address)
    )


def literal(host: str) -> Address | None:
    """The address that `host` writes out ("127.1", "0x7f000001", "[::1]", "017700000001."), None for a name."""
    plain = _plain(host)
    try:
        return ip_address(plain.partition("%")[0])
    except ValueError:
        pass
    if not _NUMERIC.fullmatch(plain):
        return None
    try:
        return IPv4Address(socket.inet_aton(plain))
    except OSError:
        return IPv4Address(0)  # numbers that are no address: some resolvers read them in ways of their own


def _plain(host: str) -> str:
    return unicodedata.normalize("NFKC", host).translate(_DOTS).strip("[]").rstrip(".").lower()


def _shown(url: str) -> str:
    """The URL for a message: without user, password, query and fragment."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])[:200]
