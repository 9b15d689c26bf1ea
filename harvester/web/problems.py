"""What went wrong, said to people as a page and to programs as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from harvester.errors import CatalogueUnavailable, Conflict, HarvesterError, IndexOutdated, IndexUnavailable, NotFound
from harvester.model import Reason
from harvester.web import pages
from harvester.web.house import house_of
from harvester.web.identity import FactorFirst, Refused, SignInFirst, Visitor
from harvester.web.problem_json import for_programs, problem
from harvester.web.security import add_headers

RETRY_S = "30"
"""Seconds after which a part that did not answer may be asked for again."""
_log = logging.getLogger(__name__)
_security = logging.getLogger("harvester.security")
_CODES = {404: "not-found", 405: "method", 403: "forbidden", 413: "too-large", 400: "bad-request", 410: "gone"}


def answer(request: Request, status: int, code: str, *, error: HarvesterError | None = None) -> Response:
    """The problem that `code` names, for whoever asks: programs read the error in English, people its reason."""
    if for_programs(request.url.path):
        told = {"detail": error.message, "remedy": error.remedy} if error else {}
        return problem(status, code, **told)
    reason = error.reason if error else None
    return pages.render(request, "problem.html", status=status, code=code, reason=reason, status_code=status)


def _refused(request: Request, error: Refused) -> Response:
    if error.status in (401, 403):
        route = getattr(request.scope.get("route"), "path", "?")  # its pattern: addresses may hold secrets
        who = getattr(request.state, "visitor", None) or Visitor()
        _security.warning("%s: %s %s by %r", error.code, request.method, route, who.login)
    told = answer(request, error.status, error.code)
    if error.status == 401:
        told.headers["www-authenticate"] = "Bearer"
    return told


def _sign_in_first(request: Request, error: SignInFirst) -> Response:
    language = pages.language_of(request)
    return RedirectResponse(f"/{language}/login?next={quote(error.going_to, safe='')}", 303)


def _factor_first(request: Request, _error: FactorFirst) -> Response:
    return RedirectResponse(f"/{pages.language_of(request)}/review/account/factor", 303)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    told = HarvesterError(f"{place}: {first['msg']}", reason=Reason.of("limit.field", name=place))
    return answer(request, 400, "bad-request", error=told)


def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404 and (other := _with_or_without_slash(request)):
        return RedirectResponse(other, 307)
    code = _CODES.get(error.status_code, "bad-request" if error.status_code < 500 else "broken")
    made = answer(request, error.status_code, code)
    made.headers.update(error.headers or {})
    return made


def _with_or_without_slash(request: Request) -> str | None:
    """The address within the site that is this one with a slash at its end, or without; None where there is none."""
    path = request.url.path
    other = path.rstrip("/") if path.endswith("/") else path + "/"
    scope = {**request.scope, "path": other}
    pages_of_ours = (route for route in request.app.routes if not isinstance(route, Mount))
    if not any(route.matches(scope)[0] is Match.FULL for route in pages_of_ours):
        return None
    return quote(other) + (f"?{request.url.query}" if request.url.query else "")


def _ours(request: Request, error: HarvesterError) -> Response:
    if isinstance(error, NotFound):
        return answer(request, 404, "not-found", error=error)
    if isinstance(error, Conflict):
        return answer(request, 409, "conflict", error=error)
    if isinstance(error, CatalogueUnavailable):
        return _without_catalogue(request, error)
    if isinstance(error, IndexUnavailable | IndexOutdated):
        code = "index-outdated" if isinstance(error, IndexOutdated) else "index-unavailable"
        made = answer(request, 503, code)
        made.headers["retry-after"] = RETRY_S
        return made
    return answer(request, 400, "bad-request", error=error)


def _logged(request: Request) -> str:
    """The address for the log; of one that holds the token of a link, which still lets somebody in, its pattern."""
    return request.scope["route"].path if "token" in request.path_params else request.url.path


def _without_catalogue(request: Request, error: CatalogueUnavailable) -> Response:
    """What happened is for the log, as it names places. The page asks nothing: not even who looks at it."""
    _log.error("page %r: %s", _logged(request), error)
    made: Response = problem(503, "catalogue-unavailable")
    if not for_programs(request.url.path):
        made = pages.render_alone(request, "broken.html", status=503, code="catalogue-unavailable")
    made.headers["retry-after"] = RETRY_S
    return made


def _broken(request: Request, error: Exception) -> Response:
    _log.error("page %r broke", _logged(request), exc_info=error)
    made: Response = problem(500, "broken")
    if not for_programs(request.url.path):
        made = pages.render_alone(request, "broken.html", status=500, code="broken")
    add_headers(made.headers, secure=house_of(request).settings.secure)
    return made


def register(app: FastAPI) -> None:
    """Every error has its answer."""
    for kind, handler in (
        (Refused, _refused),
        (SignInFirst, _sign_in_first),
        (FactorFirst, _factor_first),
        (RequestValidationError, _invalid),
        (HTTPException, _http),
        (HarvesterError, _ours),
        (Exception, _broken),
    ):
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]
