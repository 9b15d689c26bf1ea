"""requests' sessions for the forges' clients: guarded, governed, counted, revalidated, and bounded in size and time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, proxy_from_url
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from harvester.errors import FetchError
from harvester.net.budgets import ToldBudget
from harvester.net.conditional import remembered, validators
from harvester.net.counting import without_query
from harvester.net.guard import Guard
from harvester.net.memory import Remembered
from harvester.net.tokens import Payer, Token
from harvester.net.waiting import MOST_WAIT_S
from harvester.net.walls import refuse_walls

if TYPE_CHECKING:
    from harvester.net import Net

HARMLESS = frozenset(
    ("accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "user-agent")
)
"""Headers that follow a redirect to another origin. Any other may prove who asks, whatever it is called, and stays."""
_PIECE = 64 * 1024


class NetSession(requests.Session):
    """A session without cookies, .netrc, proxies from the environment, or credentials that follow a redirect away.

    Requests to the origin of its account's tokens bring one of them; which, is chosen as the request is sent.
    """

    def __init__(self, net: Net, account: Payer) -> None:
        super().__init__()
        self._net = net
        self._account = account

    def tokens_at(self, url: str) -> tuple[Token, ...]:
        """The tokens of which a request to this URL brings one."""
        return tuple(token for token in self._account.at(url) if token is not None)

    def expecting(self, points: int) -> AbstractContextManager[None]:
        """`with session.expecting(points=3):` requests of this thread are expected to cost so much each (else 1)."""
        return self._account.expecting(points)

    def charged(self, url: str, rate_limit: object) -> None:
        """What this thread's last request really cost, by its answer's `rateLimit {cost limit remaining resetAt}`.

        The cost is counted as points. Anything else than such an object says nothing.
        """
        told = rate_limit if isinstance(rate_limit, Mapping) else {}
        cost, limit, remaining = (_count(told.get(name)) for name in ("cost", "limit", "remaining"))
        left = None
        if remaining is not None and (resets_at := _moment(told.get("resetAt"))) is not None:
            resets_s = max(0.0, (resets_at - datetime.now(UTC)).total_seconds())
            left = ToldBudget(remaining=remaining, resets_s=min(resets_s, MOST_WAIT_S), limit=limit)
        if cost is not None or left is not None:
            self._net.governor.charged(self._account, url, points=cost or 0, left=left)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Take every credential off a redirect to another scheme, host or port; requests knows Authorization only."""
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            for name in [name for name in prepared_request.headers if name.lower() not in HARMLESS]:
                del prepared_request.headers[name]


def open_session(net: Net, account: Payer) -> NetSession:
    """A session whose every request passes `net`."""
    session = NetSession(net, account)
    session.trust_env = False
    session.max_redirects = net.limits.redirects
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = net.user_agent
    session.adapters.clear()
    adapter = _Adapter(net, account)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Adapter(HTTPAdapter):
    def __init__(self, net: Net, account: Payer) -> None:
        self._net = net
        self._account = account
        super().__init__(pool_connections=20, pool_maxsize=net.limits.in_flight + 4, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = pool_classes(self._net.guard, self._net.limits.answer_s)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        if proxy not in self.proxy_manager:
            self.proxy_manager[proxy] = proxy_from_url(proxy, **options)
            self.proxy_manager[proxy].pool_classes_by_scheme = pool_classes(self._net.guard, self._net.limits.answer_s)
        return self.proxy_manager[proxy]

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        del stream, verify, proxies  # read at once, always verified, and only the simulated web is a proxy
        net, url, method = self._net, request.url or "", request.method or "GET"
        net.guard.check_url(url)
        known = net.conditional.recall(method, url)
        if known is not None:
            request.headers.update(validators(known))
        with net.governor.turn(url, api=True, account=self._account) as turn:
            response = super().send(
                _signed(request, turn.token),
                stream=True,
                timeout=self._timeout(timeout),
                verify=True,
                cert=cert,
                proxies=net.proxies,
            )
            response.request = request
            body = self._body(response, url)
            headers = {name.lower(): value for name, value in response.headers.items()}
            turn.heard(response.status_code, headers)
        refuse_walls(url, response.status_code, headers, body)
        if response.status_code == 401 and turn.token is not None and self._account.refused(url, turn.token):
            return self.send(request, timeout=timeout)
        if known is not None and response.status_code == 304:
            return _from_memory(response, known)
        net.conditional.learn(method, url, remembered(response.status_code, headers, body))
        return _with_body(response, body)

    def _timeout(self, asked: Any) -> tuple[float, float]:
        limits = self._net.limits
        connect, read = asked if isinstance(asked, tuple) else (asked, asked)
        return min(connect or limits.connect_s, limits.connect_s), min(read or limits.read_s, limits.read_s)

    def _body(self, response: requests.Response, url: str) -> bytes:
        limits, raw = self._net.limits, response.raw
        ends = time.monotonic() + limits.answer_s
        body = bytearray()
        try:
            while piece := raw.read1(_PIECE, decode_content=True):
                body += piece
                if len(body) > limits.body_bytes:
                    raise FetchError(
                        f"{without_query(url)}: the answer is larger than {limits.body_bytes} bytes",
                        url=without_query(url),
                        status=response.status_code,
                    )
                if time.monotonic() > ends:
                    raise FetchError(
                        f"{without_query(url)}: the answer took longer than {limits.answer_s:.0f} s",
                        url=without_query(url),
                    )
        except HTTPError as error:
            raise requests.ConnectionError(f"{without_query(url)}: {error}", request=response.request) from error
        finally:
            if not raw.closed:
                raw.close()
            raw.release_conn()
        return bytes(body)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _signed(request: requests.PreparedRequest, token: Token | None) -> requests.PreparedRequest:
    """The request with its token; a copy, so that what others keep or print of it holds none."""
    if token is None:
        return request
    signed = request.copy()
    signed.headers[token.header] = token.value
    return signed


def _with_body(response: requests.Response, body: bytes) -> requests.Response:
    response._content = body
    response._content_consumed = True  # type: ignore[attr-defined]
    return response


def _from_memory(response: requests.Response, known: Remembered) -> requests.Response:
    """The earlier answer, with this one's rate limits."""
    headers = CaseInsensitiveDict(known.headers)
    for name, value in response.headers.items():
        if name.lower() not in ("content-length", "content-encoding", "content-type", "transfer-encoding"):
            headers.setdefault(name, value)
    response.headers = headers
    response.status_code = known.status
    response.reason = "OK"
    response.encoding = requests.utils.get_encoding_from_headers(headers)
    return _with_body(response, known.body)


@contextmanager
def ended_after(connection: socket.socket, seconds: float) -> Iterator[None]:
    """Ends what is read from a connection after so long: time-outs only limit the silence between two bytes.

    TimeoutError: it was ended. What came until then is no answer, though the end of its head looks like one.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # not TLS's own, which is for the thread that reads

    ending = threading.Timer(seconds, end)
    ending.daemon = True
    ending.start()
    try:
        yield
    finally:
        ending.cancel()
        if over.is_set():
            raise TimeoutError(f"the answer took longer than {seconds:g} s")


def pool_classes(guard: Guard, answer_s: float) -> dict[str, Any]:
    """urllib3's pools by scheme, whose connections ask `guard`, and have the head of an answer within `answer_s`."""

    class GuardedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard)

        def getresponse(self) -> Any:
            with ended_after(self.sock, answer_s):
                return super().getresponse()

    class GuardedTLSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dial(self, guard)

        def getresponse(self) -> Any:
            with ended_after(self.sock, answer_s):
                return super().getresponse()

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
