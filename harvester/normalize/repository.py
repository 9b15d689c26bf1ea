"""A repository as it is stored: what its forge told, the metadata files in it, what was asked for, the names it had.

Spiders write it, readers and the record page read it: nobody else takes such a payload apart. Its JSON holds what the
forge told as it is, and beside it

- `files`: [{"path", "oid" (git's id, where it is told), "text" (as served; null: no text, or too large), "cut" (true:
  only its beginning is kept)}, ...]; absent where nobody asked, or may look,
- `asked`: the digest of what was asked for (see `asked`); absent where something of it could not be had,
- `formerly`: the names on its forge that it had before, the oldest first; absent where it had none.
"""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from harvester.model import Issue, RawItem
from harvester.normalize.canonical import canonical_json, parse_json
from harvester.normalize.values import mapping, payload_of, text, texts

README_BYTES = 64 * 1024
"""Of a README the beginning is kept, so many bytes of it as UTF-8; of other files all, since half of one may say the
opposite of the whole."""
MOST_BYTES = 256 * 1024
"""A larger file is not asked for."""
_OWN = ("files", "asked", "formerly", "publiccode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A kind of file that says what the repository is. `names` are in lower case, the best first; files are found in
    any spelling. At the root only, but for those that are read `anywhere`, where a source's `paths` name them."""

    format: str
    names: tuple[str, ...]
    anywhere: bool = False


METADATA = (
    Metadata(format="publiccode", names=("publiccode.yml", "publiccode.yaml", ".publiccode.yml"), anywhere=True),
    Metadata(format="codemeta", names=("codemeta.json",)),
    Metadata(format="civic-json", names=("civic.json",)),
    Metadata(format="code-json", names=("code.json",)),
    Metadata(format="citation", names=("citation.cff",)),
)
"""In the order in which they are stored; one README comes after them."""
_MARKDOWN = ("md", "markdown", "mdown", "mkd", "mkdn")
_ENDINGS = (*_MARKDOWN, "rst", "adoc", "asciidoc", "org", "txt", "textile", "rdoc")
_README = re.compile(
    rf"readme(?:(?:[._-]([a-z]{{2,3}}(?:[_-][a-z]{{2,4}})?))??\.({'|'.join(_ENDINGS)}))?", re.IGNORECASE
)
"""The word README, with the language that it is written in, and an ending."""


def format_of(path: str) -> str | None:
    """Which kind of metadata a path's file is: a `format` of METADATA, "readme", or None."""
    folder, _, name = path.rpartition("/")
    found = next((row for row in METADATA if name.lower() in row.names), None)
    if found is not None:
        return found.format if found.anywhere or not folder else None
    return "readme" if not folder and _README.fullmatch(name) else None


def is_publiccode(path: str) -> bool:
    """Whether a path is a publiccode.yml's, in any folder."""
    return format_of(path) == "publiccode"


def wanted(there: Iterable[str], paths: Sequence[str] = ()) -> list[str]:
    """Of the paths of a repository's files those that are read, in order: metadata at the root, one README, `paths`."""
    known = sorted(set(there))
    found = [path for row in METADATA for name in row.names for path in known if path.lower() == name]
    found += sorted(filter(_README.fullmatch, known), key=_readme_rank)[:1]
    return list(dict.fromkeys([*found, *(path for path in paths if path in known)]))


def _readme_rank(name: str) -> tuple[int, int, str]:
    """The one for everybody first, then English; Markdown before other forms, and those before none."""
    found = _README.fullmatch(name)
    language, ending = found.groups() if found else (None, None)
    spoken = 0 if language is None else 1 if language.lower() == "en" else 2
    form = 2 if ending is None else 0 if ending.lower() in _MARKDOWN else 1
    return spoken, form, name


def asked(paths: Sequence[str] = (), *, files: bool = True) -> str:
    """A digest of what is asked for: another one than is stored means that a repository is to be looked into anew."""
    everything = (METADATA, _README.pattern, README_BYTES, MOST_BYTES, sorted(paths)) if files else ()
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a repository. `text` is as served, of a README's beginning alone where it is `cut`; None: it is no
    text, or larger than is asked for."""

    path: str
    text: str | None
    oid: str | None = None
    cut: bool = False

    @classmethod
    def of(cls, path: str, content: bytes | str | None, *, oid: str | None = None) -> Self:
        """What is kept of a file that was served."""
        if content is None:
            return cls(path=path, text=None, oid=oid)
        served = content.encode("utf-8", "replace") if isinstance(content, str) else content
        if len(served) > MOST_BYTES or b"\0" in served:
            return cls(path=path, text=None, oid=oid)
        try:
            cut = format_of(path) == "readme" and len(served) > README_BYTES
            return cls(path=path, text=_beginning(served) if cut else served.decode(), oid=oid, cut=cut)
        except UnicodeDecodeError:
            return cls(path=path, text=None, oid=oid)

    @property
    def plain(self) -> str | None:
        """The text without a byte order mark."""
        return None if self.text is None else self.text.removeprefix("\ufeff")

    def _json(self) -> dict[str, Any]:
        told = {"path": self.path, "text": self.text}
        return told | ({"oid": self.oid} if self.oid else {}) | ({"cut": True} if self.cut else {})


def _beginning(served: bytes) -> str:
    """The first bytes that are kept, without half a character. UnicodeDecodeError: it is no UTF-8."""
    end = README_BYTES
    while served[end] & 0xC0 == 0x80 and end > README_BYTES - 4:
        end -= 1
    return served[:end].decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """`told` is what the forge told. `held` are its metadata files, None where nobody asked or may look."""

    told: Mapping[str, Any] = field(default_factory=dict)
    held: tuple[File, ...] | None = None
    asked: str | None = None
    formerly: tuple[str, ...] = ()

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """A stored one."""
        earlier = payload.get("publiccode")  # the one file that an earlier version kept
        listed = payload.get("files", [earlier] if isinstance(earlier, dict) else None)
        found: dict[str, File] = {}
        for entry in map(mapping, listed if isinstance(listed, list) else ()):
            if path := text(entry.get("path")):
                content = entry.get("text")
                content = content if isinstance(content, str) else None
                one = File(path=path[:300], text=content, oid=text(entry.get("oid")), cut=entry.get("cut") is True)
                found.setdefault(one.path, one)
        return cls(
            told={name: value for name, value in payload.items() if name not in _OWN},
            held=tuple(found.values()) if isinstance(listed, list) else None,
            asked=text(payload.get("asked")),
            formerly=texts(payload.get("formerly")),
        )

    def files(self) -> tuple[File, ...]:
        """The files, none where nobody asked or may look."""
        return self.held or ()

    def by_oid(self) -> dict[str, File]:
        """The files by git's id: what has the same id is the same."""
        return {file.oid: file for file in self.files() if file.oid}

    def renamed(self, before: str | None, now: str) -> Repository:
        """With the name that it had `before` among the former ones, and without the one that it has `now`."""
        names = dict.fromkeys([*self.formerly, *([before] if before else [])])
        return replace(self, formerly=tuple(name for name in names if name.lower() != now.lower()))

    def payload(self) -> bytes:
        """As it is stored: canonical JSON."""
        beside: dict[str, Any] = {} if self.held is None else {"files": [file._json() for file in self.held]}
        beside |= {"asked": self.asked} if self.asked else {}
        return canonical_json({**self.told, **beside} | ({"formerly": list(self.formerly)} if self.formerly else {}))


def stored(raw: RawItem | None) -> Repository | None:
    """What an earlier run stored, for the spider to compare with; None where there is nothing of use."""
    try:
        value = parse_json(raw.payload) if raw is not None else None
    except (ValueError, RecursionError):
        return None
    return Repository.of(value) if isinstance(value, dict) else None


def read(raw: RawItem) -> Repository | Issue:
    """For a reader: without the fields that the source serves as placeholders; the issue of what is no JSON object."""
    payload = payload_of(raw)
    return payload if isinstance(payload, Issue) else Repository.of(payload)


def publiccode_of(raw: RawItem) -> bytes | None:
    """The publiccode.yml of an item of any format without a byte order mark, the one nearest to the root; None where it
    holds none whole."""
    if raw.format in ("publiccode", "catalogued-publiccode"):
        return raw.payload.removeprefix(BOM_UTF8)
    held = stored(raw) or Repository()
    catalogued = held.told.get("publiccodeYml")  # what the catalogues keep that are built like Italy's
    whole = [file for file in held.files() if is_publiccode(file.path) and file.plain and not file.cut]
    nearest = min(whole, key=lambda file: (file.path.count("/"), file.path), default=None)
    found = catalogued if nearest is None else nearest.plain
    return found.encode("utf-8", "surrogatepass") if isinstance(found, str) else None
