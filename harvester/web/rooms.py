"""The route table: every route is registered here with one `Access`; a test fails on a route without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_dependant
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from harvester.catalogue.people import VIA
from harvester.errors import SearchError
from harvester.web.house import house_of
from harvester.web.identity import Access, FactorFirst, Refused, SignInFirst, token_of, visitor_of
from harvester.web.pages import here
from harvester.web.security import MAX_ID, from_our_pages, storable

_LONGEST_NAME = 60  # of a parameter's name that is repeated

FACTOR = "/{language}/review/account/factor"
"""Where one's own second factor is set up: all that is open to whoever has to have one and has none."""
RowId = Annotated[int, Path(ge=1, le=MAX_ID)]
"""The number of a row in an address."""


def _require(access: Access) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        visitor = visitor_of(request)
        if visitor.may(access):
            return
        if visitor.bare:
            _of_the_bare(request)
            return
        if visitor.account is None and request.method in ("GET", "HEAD"):
            raise SignInFirst(here(request))
        raise Refused(403, "forbidden")

    return check


def _of_the_bare(request: Request) -> None:
    """Let whoever has to set up a second factor do that, and nothing else."""
    if request.scope["route"].path == FACTOR:
        return
    if request.method in ("GET", "HEAD"):
        raise FactorFirst
    raise Refused(403, "factor-first")


def _require_our_page(request: Request) -> None:
    if not from_our_pages(request.headers, public_url=house_of(request).settings.public_url):
        raise Refused(403, "foreign-form")


async def _require_text(request: Request) -> None:
    form = await request.form()
    if not all(
        storable(name) and (not isinstance(value, str) or storable(value)) for name, value in form.multi_items()
    ):
        raise Refused(400, "bad-request")


def _require_language(request: Request) -> None:
    if request.path_params.get("language", "en") not in house_of(request).words:
        raise Refused(404, "not-found")


def _require_known(path: str, endpoint: Callable[..., Any]) -> Callable[[Request], None]:
    taken = get_dependant(path=path, call=endpoint)
    known = {name for param in taken.query_params for name in _names(param)}

    def check(request: Request) -> None:
        unknown = next((name for name in request.query_params if name not in known), None)
        if unknown is not None:
            remedy = f"known are {', '.join(sorted(known))}" if known else "it takes none"
            raise SearchError(f"{unknown[:_LONGEST_NAME]!r} is no parameter of this address", remedy=remedy)

    return check


def _names(param: ModelField) -> Iterable[str]:
    """A parameter's name, or those of a model whose fields are parameters."""
    kind = param.field_info.annotation
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else (param.alias,)


def _require_token(scope: str, access: Access) -> Callable[[Request], Awaitable[None]]:
    async def check(request: Request) -> None:
        token = await run_in_threadpool(token_of, request)
        if token is None:
            raise Refused(401, "token")
        if scope not in token.scopes or not visitor_of(request).may(access):
            raise Refused(403, "scope")
        VIA.set(token.told)  # in this request's own context: what it writes says by which token

    return check


class Rooms:
    """Registers routes with their access; `rules` is the table that the tests walk."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.rules: dict[tuple[str, str], Access] = {}

    def page(self, path: str, endpoint: Callable[..., Any], *, access: Access = Access.ANYONE) -> None:
        """A page that is read."""
        self._add(path, endpoint, access=access, methods=("GET", "HEAD"))

    def form(self, path: str, endpoint: Callable[..., Any], *, access: Access) -> None:
        """A form that changes something, sent from one of our own pages."""
        self._add(path, endpoint, access=access, methods=("POST",))

    def api(self, path: str, endpoint: Callable[..., Any], *, strict: bool = True, **said: Any) -> None:
        """A route of the JSON API, open to anyone and described in OpenAPI; a strict one refuses parameters that it
        lacks."""
        self.rules["GET", path] = self.rules["HEAD", path] = Access.ANYONE
        needs = [Depends(_require_known(path, endpoint))] if strict else []
        self._app.add_api_route(
            path, endpoint, methods=["HEAD"], dependencies=needs, include_in_schema=False, response_model=None
        )
        self._app.add_api_route(path, endpoint, methods=["GET"], dependencies=needs, **said)

    def act(
        self, path: str, endpoint: Callable[..., Any], *, scope: str, access: Access, method: str = "GET", **said: Any
    ) -> None:
        """A route of the JSON API for programs that act for an account: by a token of this scope, and by no session.

        It needs no page of ours: no browser sends a token by itself.
        """
        self.rules[method, path] = access
        needs = [Depends(_require_known(path, endpoint)), Depends(_require_token(scope, access))]
        if method == "GET":
            self.rules["HEAD", path] = access
            self._app.add_api_route(
                path, endpoint, methods=["HEAD"], dependencies=needs, include_in_schema=False, response_model=None
            )
        self._app.add_api_route(path, endpoint, methods=[method], dependencies=needs, **said)

    def _add(self, path: str, endpoint: Callable[..., Any], *, access: Access, methods: Sequence[str]) -> None:
        needs = [Depends(_require_language), Depends(_require(access))]
        if "POST" in methods:
            needs[:0] = [Depends(_require_our_page), Depends(_require_text)]
        for method in methods:
            self.rules[method, path] = access
        self._app.add_api_route(
            path, endpoint, methods=list(methods), dependencies=needs, include_in_schema=False, response_model=None
        )
