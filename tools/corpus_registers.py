"""Recorded catalogues as simulated hosts, and the sources that harvest them: SILL, digital public goods, code.gouv.fr's
dumps, beta.gouv.fr. Nothing recorded is kept here.

A recorded folder of files is served as the archive that a forge makes of it, by hosts of our own: GitHub's are
simulated already.
"""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from starlette.responses import PlainTextResponse, Response

from harvester.model import Source
from harvester.runs.registry import known_of
from simulators.exchange import Ask, Host, revalidated
from spiders.base import HarvestSpider
from spiders.beta_gouv import BetaGouvSpider
from spiders.codegouv_dumps import CodegouvDumpsSpider
from spiders.digital_public_goods import DigitalPublicGoodsSpider
from spiders.digital_public_goods_files import DigitalPublicGoodsFilesSpider
from spiders.sill import SillSpider
from tools.corpus_lists import archive

CODE_GOUV = "code.gouv.fr"
GOODS = "api.digitalpublicgoods.net"
GOODS_FILES = "goods.files.test"
BETA_FILES = "beta.files.test"

_JSON, _CSV, _YAML = "application/json", "text/csv; charset=utf-8", "text/yaml; charset=utf-8"
_GZIP, _ARCHIVE = "application/gzip", "/archive.tar.gz"
_SILL, _DUMP, _AWESOME = "/sill/api/sill.json", "/data/repositories/csv/all.csv", "/data/awesome-codegouvfr.yml"


class Files:
    """Recorded answers by path, each (bytes, media type)."""

    def __init__(self, files: Mapping[str, tuple[bytes, str]]) -> None:
        self._files = files

    def answer(self, ask: Ask) -> Response:
        """The recorded bytes."""
        found = self._files.get(unquote(ask.path))
        if found is None:
            return PlainTextResponse("Not Found\n", 404)
        ask.operation = f"GET {ask.path[:80]}"
        return revalidated(ask, Response(found[0], media_type=found[1]))


def hosts(folder: Path) -> dict[str, Host]:
    """The hosts of these catalogues, by name."""
    recorded = folder / "catalogues"
    newest = max((recorded / "fr-codes-sources").glob("repositories-*.csv.gz"))
    lists = {name: (recorded / f"dpg-api-{name}.json").read_bytes() for name in ("dpgs", "nominees")}
    return {
        CODE_GOUV: Files(
            {
                _SILL: ((recorded / "fr-sill" / "sill.json").read_bytes(), _JSON),
                _DUMP: (gzip.decompress(newest.read_bytes()), _CSV),
                _AWESOME: ((recorded / "fr-codegouvfr-data" / "awesome-codegouvfr.yml").read_bytes(), _YAML),
            }
        ),
        GOODS: Files({f"/{name}": (body, _JSON) for name, body in lists.items()}),
        GOODS_FILES: Files({_ARCHIVE: (archive(_members(recorded / "dpg.tar.xz")), _GZIP)}),
        BETA_FILES: Files({_ARCHIVE: (archive(_members(recorded / "fr-beta-startups.tar.xz")), _GZIP)}),
    }


def sources(folder: Path) -> list[Source]:  # noqa: ARG001 - every list of recorded sources is made of a folder
    """A source for each of these catalogues. They ask the simulated web over http."""
    goods = {"archive": f"http://{GOODS_FILES}{_ARCHIVE}"}
    beta = {"archive": f"http://{BETA_FILES}{_ARCHIVE}", "folder": "_startups"}
    lists = [f"http://{GOODS}/dpgs", f"http://{GOODS}/nominees"]
    return [
        _source("sill", SillSpider, {"url": f"http://{CODE_GOUV}{_SILL}"}, country="FR", least=200),
        _source("digital-public-goods", DigitalPublicGoodsSpider, {"lists": lists}, least=200),
        _source("digital-public-goods-files", DigitalPublicGoodsFilesSpider, goods, least=300),
        _source("codegouv-dumps", CodegouvDumpsSpider, {"url": f"http://{CODE_GOUV}{_DUMP}"}, country="FR", least=9000),
        _source("codegouv-awesome", CodegouvDumpsSpider, {"url": f"http://{CODE_GOUV}{_AWESOME}"}, country="FR"),
        _source("beta-gouv", BetaGouvSpider, beta, country="FR", least=600),
    ]


def _source(
    name: str, kind: type[HarvestSpider], params: Mapping[str, object], *, country: str | None = None, least: int = 10
) -> Source:
    told = known_of(kind.name) or kind
    return Source(
        name=name,
        spider=kind.name,
        title=kind.title,
        params=params,
        publisher=told.publisher,
        country=country,
        terms=told.terms,
        least=least,
        trusted=True,
    )


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, by path."""
    with tarfile.open(path) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, content.read()
