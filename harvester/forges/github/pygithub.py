"""PyGithub over a session of ours.

PyGithub opens its own sessions. Its connection classes can be replaced, but for a whole class at once, so each
client gets a subclass of its own: nothing leaks into other users of PyGithub in the process.
"""

from __future__ import annotations

from typing import Any

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse

from harvester.errors import ForgeError

API_VERSION = "2022-11-28"
"""Of REST: what answers hold is agreed on for a version, whichever is the newest."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def requester(session: requests.Session, *, api_url: str, user_agent: str, timeout_s: int = 30) -> Requester:
    """A PyGithub requester that sends through `session` alone, without token, retries, sleeps or gaps of its own.

    `api_url` is the REST root ("https://api.github.com"); http is allowed, for the simulated web.
    """
    own: type[Requester] = type("SessionRequester", (Requester,), {})
    own.injectConnectionClasses(
        _connection_class(HTTPRequestsConnectionClass, "http", session),
        _connection_class(HTTPSRequestsConnectionClass, "https", session),
    )
    return own(
        auth=None,
        base_url=api_url.rstrip("/"),
        timeout=timeout_s,
        user_agent=user_agent,
        api_version=API_VERSION,
        per_page=100,
        verify=True,
        retry=None,
        pool_size=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def _connection_class(base: type[Any], protocol: str, session: requests.Session) -> type[Any]:
    def begin(self: Any, host: str, port: int | None = None, *_: Any, timeout: int | None = None, **__: Any) -> None:
        self.host, self.port, self.timeout, self.protocol = host, port, timeout, protocol

    def respond(self: Any) -> RequestsResponse:
        port = "" if self.port in (None, _DEFAULT_PORTS[protocol]) else f":{self.port}"
        response = session.request(
            self.verb,
            f"{protocol}://{self.host}{port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            allow_redirects=False,
            auth=_keep_headers,
        )
        if 300 <= response.status_code < 400 and self.verb != "GET":  # PyGithub follows these without an end
            raise ForgeError(
                f"{response.url} redirects to {response.headers.get('location')!r}",
                url=response.url,
                status=response.status_code,
                remedy="correct the source's api_url",
            )
        response.encoding = response.encoding or "utf-8"  # JSON is UTF-8: don't let it be guessed from the bytes
        return RequestsResponse(response)

    def close(_: Any) -> None:  # the session is shared, and not PyGithub's to close
        return None

    return type(f"Session{base.__name__}", (base,), {"__init__": begin, "getresponse": respond, "close": close})


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An `auth` that does nothing: without one, requests would put .netrc's password over the token."""
    return request
