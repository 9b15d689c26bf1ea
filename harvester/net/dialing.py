"""Connections of urllib3 that dial only what the guard lets them: a name is resolved once and checked."""

from __future__ import annotations

import socket
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from harvester.net.guard import Guard


def pool_classes(guard: Guard) -> dict[str, Any]:
    """urllib3's pools by scheme, whose connections ask `guard`."""

    class GuardedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard)

    class GuardedTLSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard)

    class GuardedPool(HTTPConnectionPool):
        ConnectionCls = GuardedConnection

    class GuardedTLSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTLSConnection

    return {"http": GuardedPool, "https": GuardedTLSPool}


def _dial(connection: HTTPConnection, guard: Guard) -> socket.socket:
    host, port = connection.host, connection.port or connection.default_port
    try:
        places = guard.resolve(host, port)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    last: OSError | None = None
    for family, address in places:
        dialled = socket.socket(family, socket.SOCK_STREAM)
        try:
            dialled.settimeout(connection.timeout)
            for option in connection.socket_options or ():
                dialled.setsockopt(*option)
            dialled.connect((address, port))
        except OSError as error:
            dialled.close()
            last = error
        else:
            return dialled
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, f"{host} did not answer within {connection.timeout} s") from last
    raise NewConnectionError(connection, f"{host}: {last}") from last
