"""How many of the recorded sources' licences mean an SPDX expression, and which do not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import yaml

from harvester.normalize.licenses import spdx

_KEYS = frozenset(
    "license licence licenses licences openlicense openlicenses spdx spdx_id spdxid licenseid license_name licenseurl"
    " license-url".split()
)
_SAYS_IT = ("name", "spdx", "spdxID", "spdx_id", "spdxId", "openLicense", "URL", "url", "licenseURL", "@id", "key")
_FOLDERS = ("publiccode", "codejson", "codemeta", "civicjson", "catalogues", "scale/fdroid-metadata.jsonl.gz")
_PLAIN = {"publiccodeYml": "yaml", "text": "yaml", "yaml_before_builds": "yaml"}
"""Keys whose text is a file of its own."""
_NOT_DATA = ("schema", "standard/crosswalk", "parser-go", "choosealicense", "taxonomies", "i18n", "forms")
_SILL = "l"


class LicenceReport(TypedDict):
    """`distinct` and `mapped` count texts, `names` those that are no address; `unmapped` has how often each stands."""

    distinct: int
    mapped: int
    names: int
    names_mapped: int
    unmapped: list[tuple[str, int]]


def licence_report(folder: Path) -> LicenceReport:
    """The report over every recorded source below a folder. Half a minute."""
    return report_of(licences(folder))


def report_of(texts: Iterable[str]) -> LicenceReport:
    """The report over licences as they are written."""
    found = Counter(texts)
    unmapped = [(text, count) for text, count in found.most_common() if spdx(text) is None]
    names = [text for text in found if "://" not in text]
    return {
        "distinct": len(found),
        "mapped": len(found) - len(unmapped),
        "names": len(names),
        "names_mapped": sum(spdx(text) is not None for text in names),
        "unmapped": unmapped,
    }


def licences(folder: Path) -> Iterator[str]:
    """Every licence that a recorded source states, as it is written; the same one as often as it stands."""
    for part in _FOLDERS:
        paths = [folder / part] if (folder / part).is_file() else sorted((folder / part).rglob("*"))
        for path in paths:
            if path.is_file() and not any(word in path.as_posix() for word in _NOT_DATA):
                for name, content in _files(path):
                    yield from (text for text in _in_file(name, content) if text.strip())


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of a file, or of those in a packed folder."""
    if path.suffixes[-2:] == [".tar", ".xz"]:
        with tarfile.open(path) as packed:
            for member in packed:
                content = packed.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name, content.read()
    elif path.suffix == ".gz":
        yield path.name.removesuffix(".gz"), gzip.decompress(path.read_bytes())
    else:
        yield path.name, path.read_bytes()


def _in_file(name: str, content: bytes) -> Iterator[str]:
    kind = name.rpartition(".")[2].lower()
    if kind == "csv":
        rows = csv.DictReader(io.StringIO(content.decode("utf-8", "replace"), newline=""))
        yield from (row[key] for row in rows for key in row if key and "licen" in key.lower() and row[key])
    elif kind == "jsonl":
        for line in content.splitlines():
            yield from _in_value(_parsed("json", line))
    elif kind in ("json", "yml", "yaml", "toml"):
        value = _parsed(kind, content)
        yield from _in_value(value)
        if name == "sill.json":
            yield from (entry[_SILL] for entry in value if isinstance(entry.get(_SILL), str))


def _parsed(kind: str, content: bytes | str) -> Any:
    """The value, or None for what is broken: what is wrong with a file is not this report's question."""
    try:
        if kind == "json":
            return json.loads(content)
        if kind == "toml":
            return tomllib.loads(content.decode() if isinstance(content, bytes) else content)
        return yaml.load(content, Loader=yaml.CSafeLoader)
    except (ValueError, yaml.YAMLError):
        return None


def _in_value(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _in_value(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if str(key).lower() in _KEYS:
                yield from _said(inner)
            elif key in _PLAIN and isinstance(inner, str):
                yield from _in_value(_parsed(_PLAIN[key], inner))
            else:
                yield from _in_value(inner)


def _said(value: Any) -> Iterator[str]:
    """The licences of a licence-like key: texts, lists, and objects by their telling keys."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _said(item)
    elif isinstance(value, dict):
        for key in _SAYS_IT:
            inner = value.get(key)
            yield from _said(list(inner.values()) if isinstance(inner, dict) else inner)
