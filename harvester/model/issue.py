"""What a dropped or doubtful item becomes: an issue, by its code; and the table of all codes.

docs/issues.md is made of the table (`python -m tools.issue_codes > docs/issues.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter
from types import MappingProxyType
from typing import Any, NamedTuple

_LONGEST = 200  # characters of a value
_LONGEST_ARGUMENT = 400


class Severity(StrEnum):
    ERROR = "error"  # the item, or this value of it, could not be used
    WARNING = "warning"  # it was used, with a doubt


class Kind(NamedTuple):
    """A code's severity, and its words in English: `{name}` stands for an argument, or for the place or the value.

    `cuts`: the listing was left before its end, so that what it did not show may well be there. `caps`: it was left so
    because a bound of ours was reached, which says nothing against the source.
    """

    severity: Severity
    message: str
    remedy: str
    cuts: bool = False
    caps: bool = False

    @property
    def arguments(self) -> frozenset[str]:
        """What an issue of this code has to be given beside place and value."""
        words = Formatter().parse(self.message + self.remedy)
        return frozenset(name for _, name, _, _ in words if name) - {"place", "value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something wrong in the input: what, where, which value, and what to do about it. Make it with `of`.

    `code` is one of ISSUES; `args` are what its words speak of beside place and value; `place` is the path of the key
    ("description.it.features[2]"); `line` and `column` count from 1; `value` is cut to 200 characters and never holds a
    contact's name, address or number.
    """

    code: str
    args: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: str | None = None
    line: int | None = None
    column: int | None = None
    value: str | None = None

    @classmethod
    def of(
        cls,
        code: str,
        *,
        place: str | None = None,
        line: int | None = None,
        column: int | None = None,
        value: object = None,
        **args: object,
    ) -> Issue:
        """An issue of this code. KeyError or TypeError: no such code, or its words have other arguments."""
        if (wanted := ISSUES[code].arguments) != args.keys():
            raise TypeError(f"an issue of {code} has the arguments {sorted(wanted)}, not {sorted(args)}")
        given = {name: str(arg)[:_LONGEST_ARGUMENT] for name, arg in args.items()}
        shown = None if value is None else str(value)[:_LONGEST]
        return cls(code=code, args=given, place=place, line=line, column=column, value=shown)

    @property
    def severity(self) -> Severity:
        """The code's; of a code that an earlier version stored, an error."""
        return ISSUES[self.code].severity if self.code in ISSUES else Severity.ERROR

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self._said(ISSUES[self.code].message) if self.code in ISSUES else self.code

    @property
    def remedy(self) -> str:
        """What to do about it, in English."""
        return self._said(ISSUES[self.code].remedy) if self.code in ISSUES else ""

    def _said(self, words: str) -> str:
        """The code alone where an earlier version stored other arguments."""
        try:
            return words.format_map(self.words)
        except KeyError:
            return self.code

    @property
    def words(self) -> dict[str, Any]:
        """What the code's words, in any language, may speak of."""
        return {**self.args, "place": self.place or "it", "value": self.value or ""}


_E, _W = Severity.ERROR, Severity.WARNING

ISSUES: Mapping[str, Kind] = MappingProxyType(
    {
        # what a payload or a file is
        "charset": Kind(_W, "this is not UTF-8; its encoding was guessed", "save it as UTF-8"),
        "duplicate-key": Kind(_E, "{place} stands twice; the last one holds", "keep one of them"),
        "json-form": Kind(_E, "a JSON object was expected, not a {found}", "write one JSON object"),
        "json-syntax": Kind(_E, "not JSON: {why}", "mend the syntax at this place; a file that was cut off, whole"),
        "no-publiccode": Kind(
            _E, "the entry carries no publiccode.yml", "make the repository's publiccode.yml readable for the catalogue"
        ),
        "no-text": Kind(_E, "{place} is no text, or too large", "keep it a text file of at most {most}"),
        "recutils-syntax": Kind(
            _E,
            "a line is neither field nor continuation",
            "write a field as `Name: value`, and its further lines with + before them",
        ),
        "several-things": Kind(_E, "{count} things are described here", "describe one software in one file"),
        "toml-syntax": Kind(_E, "not TOML: {why}", "mend the syntax at this place"),
        "too-large": Kind(_E, "this is larger than {most}", "keep a description short, and what it describes apart"),
        "too-many-files": Kind(
            _W,
            "the repository has {count} publiccode.yml files, of which {most} are read",
            "keep one in each folder that is a software of its own",
        ),
        "yaml-form": Kind(_E, "this YAML is not read: {why}", "write a plain mapping of keys and values"),
        "yaml-syntax": Kind(_E, "not YAML: {why}", "mend the syntax at this place"),
        # what an item says
        "bad-date": Kind(_E, "{place} is no date", "write it as YYYY-MM-DD"),
        "bad-id": Kind(_E, "this is no id of {catalogue}", "write the id that {catalogue} gives the entry"),
        "bad-qid": Kind(_E, "this is no item of Wikidata", "write the item's id, such as Q42"),
        "bad-value": Kind(
            _E, "{place} is in no form that anything is read of", "write a text, an address, or a list of them"
        ),
        "bad-url": Kind(_E, "{place} is no http or https address", "write a full address, https://…"),
        "licence-conflict": Kind(
            _W,
            "the repository's own licence is {own}, and {place} states another one",
            "state the licence of the code there, or say which part has the other one",
        ),
        "describes-another": Kind(
            _W,
            "{place} names another repository, and the forge knows of no code in this one: a reviewer is asked",
            "name this repository in the source's `describing` if it only describes the other one; write its own "
            "address if the software is here",
        ),
        "foreign-address": Kind(
            _W,
            "the address is not on {host}, whose forge says it: it only suggests, and a reviewer is asked",
            "mend the forge's own address, or name the host in the source's `hosts` if it is the forge's as well",
        ),
        "many-addresses": Kind(
            _W,
            "{count} addresses are given for one thing: those after the first {most} only suggest",
            "give the repository's address, and the former ones that are still in use",
        ),
        "missing": Kind(_E, "{place} is missing", "add it: the standard requires it"),
        "no-address": Kind(_E, "neither a repository nor a site of its own is named", "give the source code's address"),
        "no-clone-address": Kind(
            _E, "the listing names no address to clone the repository from", "give the source's clone_prefix"
        ),
        "no-id": Kind(_E, "nothing names this for certain", "give its repository, its own site or its id"),
        "no-link": Kind(_E, "the entry holds no link", "write `- [Name](address)`"),
        "no-name": Kind(_E, "{place} should name it, and does not", "name it there"),
        "no-repository": Kind(_E, "this leads to no repository", "give the repository's own address"),
        "not-only-repositories": Kind(
            _W, "not all of this is the address of a repository", "give the addresses of repositories alone, one each"
        ),
        "old-term": Kind(_W, "{place} is a term of an older version, read as {term}", "write {term}"),
        "several-licences": Kind(
            _E, "nobody says whether all of these licences hold, or one of them by choice", "join them with AND or OR"
        ),
        "several-repositories": Kind(
            _W,
            "{count} repositories are named; the first one stands for them",
            "make an entry of each that is a software of its own",
        ),
        "shared-name": Kind(
            _W,
            "entries of this source give this name to different software, so it is nobody's own",
            "give each entry the address or id of its own",
        ),
        "unknown-country": Kind(_E, "{place} is no country that is known", "write its code of two letters, such as IT"),
        "unknown-language": Kind(_E, "{place} is no language tag", "write a BCP 47 tag such as en or fr"),
        "unknown-licence": Kind(
            _E,
            "{place} is shown as it is written: it means no SPDX expression for certain",
            "write one SPDX expression, of identifiers of spdx.org/licenses",
        ),
        "unknown-term": Kind(_E, "{place} is none of the format's terms", "write one of {terms}"),
        "unknown-version": Kind(_E, "{place} is no version of the format", "write {latest}"),
        "url-mismatch": Kind(
            _W,
            "{place} names another repository than the one the file was found in",
            "write {repository}, or remove the copied file",
        ),
        "wrong-type": Kind(_E, "{place} is no {wanted}", "write a {wanted}"),
        # what no reader may let through
        "empty-reading": Kind(_E, "reading {key} as {format} gave no record", "tell the harvester's developers"),
        "long-name": Kind(_W, "the name is longer than {most} characters, and was cut", "give a short name"),
        "reading-broke": Kind(
            _E, "reading {key} broke off: {why}", "tell the harvester's developers; the other entries were read"
        ),
        "reading-took-long": Kind(
            _E,
            "reading {key} took more than {most} seconds, and was left",
            "look at the entry: what is nested or repeated without end is no description of a software",
        ),
        "reading-took-much": Kind(
            _E,
            "reading {key} took more memory than there is, and was left",
            "look at the entry: what is nested or repeated without end is no description of a software",
        ),
        "refused": Kind(_E, "{key} could not be read as {format}", "tell the harvester's developers"),
        "unusable-address": Kind(_W, "{place} is no http or https address", "give a full address, https://…"),
        # what a source answers
        "bound-reached": Kind(
            _W,
            "the bound {bound} of {most} was reached after {pages} pages: what lies behind it was not asked for",
            "raise {bound} if so much is right, or narrow what the source asks for",
            cuts=True,
            caps=True,
        ),
        "entry-form": Kind(
            _E, "{place} of the listing is in no form that is understood: {why}", "tell those who run the forge"
        ),
        "entry-without-id": Kind(_E, "an entry without an id cannot be kept", "ask the catalogue for an id of each"),
        "files-untold": Kind(
            _W, "not all files of {place} came, so that it is left as it was", "nothing; the next harvest asks again"
        ),
        "inventory-empty": Kind(_E, "the inventory lists nothing", "ask the publisher to mend it"),
        "inventory-form": Kind(
            _E, "the inventory holds no list of releases or projects", "ask the publisher to mend it"
        ),
        "no-detail-page": Kind(
            _W, "an entry has no page of its own on this host", "correct the selector {selector}, which finds none"
        ),
        "no-entries": Kind(
            _E, "the page holds no entry", "open the page, and correct the selector {selector}, which finds none on it"
        ),
        "no-inventory": Kind(_W, "an agency of the index has no inventory", "nothing; nothing is asked of it"),
        "owner-forbidden": Kind(_E, "{place} is withheld from us: {why}", "allow the token, or leave the owner out"),
        "owner-missing": Kind(_E, "there is no owner {value}", "correct or remove it in the source's parameters"),
        "owner-renamed": Kind(_W, "the owner {value} is {now} today", "name {now} in the source's parameters"),
        "paging-trap": Kind(
            _E,
            "the listing leads to pages that were asked already or bring nothing new: it was left after {pages} pages",
            "look at its pages, and correct what the source says of them",
            cuts=True,
        ),
        "partial-answer": Kind(_W, "{place} was answered in part: {why}", "harvest again later"),
        "publishers-entry": Kind(
            _W,
            "an entry of the file of publishers is no group of logins, forge with owners or publisher with addresses",
            "correct the file of publishers; the rest of it is used",
        ),
        "publishers-group": Kind(
            _E, "the file of publishers has no group {value}", "correct `groups` in the source's parameters"
        ),
        "publishers-more": Kind(_W, "{count} more entries of the file of publishers are wrong", "correct the file"),
        "publishers-unreadable": Kind(_E, "the file of publishers is not read: {why}", "correct the file"),
        "repository-missing": Kind(
            _W, "{value} stands in the index and has no page", "nothing; the next harvest asks again"
        ),
        "repository-unreadable": Kind(
            _W, "{place} could not be read whole: {why}", "nothing; the next harvest asks again"
        ),
        "repository-untold": Kind(
            _W, "the forge does not tell whether {place} is there", "nothing; the next harvest asks again"
        ),
        "robots-forbid": Kind(
            _W,
            "robots.txt forbids the files of {place}",
            "ask the server's owner to allow them, or leave `files` out",
        ),
        "repository-withheld": Kind(_W, "a part of {place} is withheld: {why}", "allow the token to read it"),
        "search-capped": Kind(
            _W,
            "the search finds {found} and gives {most}",
            "narrow the search, or name the owners whose repositories are all to be harvested",
        ),
        "short-listing": Kind(
            _W,
            "{place} says it lists {total} and gave {found}",
            "harvest again; what is not listed is not taken for gone",
            cuts=True,
        ),
        "too-many-inventories": Kind(
            _E,
            "the index lists {found} inventories, of which {most} are asked",
            "raise max_agencies of the source",
            cuts=True,
            caps=True,
        ),
        "truncated": Kind(
            _W,
            "{why}: its {count} items are asked for again in halves",
            "lower `size` of the source; it spares the service",
        ),
        "twice": Kind(_W, "several entries have this id", "ask the catalogue for an id of each"),
        "twice-differing": Kind(
            _W, "several rows of one address say different things; the first one holds", "list each repository once"
        ),
    }
)
"""Every code, by what it is about."""
PAGING_TRAP = "paging-trap"
BOUND_REACHED = "bound-reached"
CUTTING = frozenset(code for code, kind in ISSUES.items() if kind.cuts)
CAPPING = frozenset(code for code, kind in ISSUES.items() if kind.caps)
