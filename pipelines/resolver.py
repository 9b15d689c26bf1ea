"""Twisted's name resolver under the address guard: what is dialled is what was checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from harvester.errors import AddressRefused
from harvester.net.guard import Guard


def guard_reactor(guard: Guard) -> None:
    """Let this process's reactor connect only where `guard` allows; replaces an earlier crawl's guard."""
    from twisted.internet import reactor

    inner = reactor.nameResolver
    if isinstance(inner, GuardedResolver):
        inner = inner.inner
    reactor.installNameResolver(GuardedResolver(inner, guard))


@implementer(IHostnameResolver)
class GuardedResolver:
    """Passes on those addresses of a name that may be dialled."""

    def __init__(self, inner: Any, guard: Guard) -> None:
        self.inner = inner
        self.guard = guard

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """See IHostnameResolver."""
        receiver = _Checked(resolutionReceiver, self.guard, hostName, portNumber)
        resolution: IHostResolution = self.inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


@implementer(IResolutionReceiver)
class _Checked:
    def __init__(self, receiver: Any, guard: Guard, host: str, port: int) -> None:
        self._receiver, self._guard, self._host, self._port = receiver, guard, host, port
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:
        try:
            self._guard.check_dial(address.host, self._port, host=self._host)
        except AddressRefused as error:
            self._guard.refused(self._host, error)
        else:
            self._receiver.addressResolved(address)
