"""Puts the pages and the API together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from harvester import __version__
from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.search.engine import Engine
from harvester.web import (
    about,
    accounts,
    api,
    api_acts,
    auth,
    browse,
    collected,
    compare,
    desk,
    desk_bulk,
    desk_join,
    desk_log,
    desk_queue,
    desk_voices,
    entities,
    exports,
    factor,
    feeds,
    judging,
    links,
    machines,
    metrics,
    notices,
    oidc,
    operations,
    organisations,
    problems,
    record_formats,
    record_page,
    review,
    source_form,
    source_settings,
    suggest,
    tokens,
    visitors,
    voices,
)
from harvester.web.beginnings import Beginnings
from harvester.web.house import House, NextDue
from harvester.web.identity import Access
from harvester.web.passwords import Checks
from harvester.web.rooms import Rooms
from harvester.web.security import MAX_BODY_BYTES, Protection, named_hosts, too_many
from harvester.web.throttle import Senders, Throttle
from harvester.web.turns import Turns
from harvester.words import Catalogs, packaged

_MODULES = (
    *(
        api,
        api_acts,
        suggest,
        auth,
        accounts,
        factor,
        links,
        oidc,
        tokens,
        collected,
        desk,
        desk_bulk,
        desk_join,
        desk_log,
        desk_voices,
        voices,
        desk_queue,
        review,
        notices,
        operations,
        source_settings,
        source_form,
        visitors,
        feeds,
        machines,
        metrics,
        entities,
    ),
    *(organisations, browse, compare, exports, about, record_formats, record_page, judging),
)
"""Those that register routes. A record's formats come before its page, whose slug would take their names."""


_WORTH_PACKING = 1_024  # bytes of an answer


def create_app(
    settings: Settings,
    *,
    catalogue: Catalogue,
    engine: Engine,
    next_due: NextDue | None = None,
    words: Catalogs | None = None,
) -> FastAPI:
    """The whole site as an ASGI application. `next_due` says when a source's next run is due (UTC), None: unknown.

    `words` are the languages of the pages, those of the package where none are given.
    """
    languages = words or packaged()
    app = FastAPI(
        title="Civic Harvester",
        version=__version__,
        description="Civic and government software: what it is, who says so, and when it was last seen.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # its redirects name the Host that was sent; ours are in problems.py
    )
    app.state.house = House(
        settings=settings,
        catalogue=catalogue,
        engine=engine,
        next_due=next_due or (lambda *_: None),
        throttle=Throttle(),
        senders=Senders(),
        checks=Checks(),
        beginnings=Beginnings(),
        words=languages,
    )
    rooms = Rooms(app)
    for module in _MODULES:
        module.register(rooms)
    app.openapi = partial(_openapi, app, app.openapi)  # type: ignore[method-assign]
    app.mount("/static", _Static(directory=Path(str(resources.files("harvester.web") / "static"))), name="static")
    rooms.rules["GET", "/static"] = rooms.rules["GET", "/openapi.json"] = Access.ANYONE
    app.state.rules = rooms.rules
    problems.register(app)
    app.add_middleware(Turns, refused=partial(too_many, catalogs=languages))  # innermost: a turn is for an answer alone
    # within Protection, which knows from the headers and says so in words; this one counts what comes without a length
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES)
    # no page holds a secret that lasts: forms carry no token (docs/decisions/0013), so nothing is guessed from lengths
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=6)
    hosts = named_hosts(bind=settings.bind, public_url=settings.public_url)
    app.add_middleware(Protection, secure=settings.secure, words=languages, hosts=hosts)
    return app


def _openapi(app: FastAPI, plain: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The API's description, made when it is first asked for."""
    return app.openapi_schema or api.described(plain())


class _Static(StaticFiles):
    """Files whose address holds the digest of what they hold: a browser asks once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if scope["query_string"] and answer.status_code == 200:
            answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer
