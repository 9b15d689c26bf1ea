"""No sentence says more than was looked at: each one of the English catalog with a number, a negation or an "all" has a
row here that shows it on made data where it is so, and shows data where it must not stand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import requests
from babel.messages.pofile import read_po
from lxml import html
from pages_site import Site, served
from said_site import LONG_AGO, calm, fill, nobody
from support.builders import begin, by_name, harvest, item, source
from test_faults_page import TOOL

from harvester.assess.health import Health, health
from harvester.catalogue import Catalogue
from harvester.catalogue.absence import Hindrances
from harvester.catalogue.notices import Untold
from harvester.config import Settings
from harvester.errors import CatalogueUnavailable, Conflict, IndexUnavailable
from harvester.model import Fields, Notice, NoticeEnd, NoticeKind, Reason, RunCounts, Terms, Trouble
from harvester.runs.execute import Ending, judge
from harvester.runs.notices import Message
from harvester.search import Query, tantivy_reader
from harvester.web.listing import terms_words
from harvester.web.operations import _bars_words, schedule_words
from harvester.web.problem_json import problem
from harvester.web.record import show
from harvester.web.record_page import faults_of
from harvester.words import Formatter, packaged

pytestmark = pytest.mark.xdist_group("said")  # its sites are made once, not by each worker

WORDS = packaged()["en"]
SAY = Formatter(WORDS)
NUMBERS = re.compile(r"\d|\{(?:n|total|pages?|done|open|least|before|of|entries|hours|minutes|seconds|line|column)\}")
NEGATIONS = re.compile(
    r"(?i)\b(?:no|not|none|nothing|nobody|never|without|cannot|neither|nor|only|every|each|all|any|whole|silent|gone)\b"
)
Sight = str | Callable[[], str]


@dataclass(frozen=True)
class Row:
    """`shows` is where the sentence stands, `hides` where it must not: a page ("calm: operations"), or what a function
    says. `around` is what stands beside short words. `values` fill it in; a name without a value is any value there,
    and none at all where it has to be missing. `holds` is what it says, checked on the data."""

    shows: Sight
    hides: Sight
    values: Mapping[str, Any] | Callable[[Sites], Mapping[str, Any]] = field(default_factory=dict)
    around: str = "{}"
    holds: Callable[[Sites], bool] = lambda _: True


class Sites:
    """The three sites: one with everything (""), one with a single source that answers, one with people alone."""

    def __init__(self, sites: Mapping[str, Site]) -> None:
        self.sites = sites
        self.main = sites[""]
        self._seen: dict[str, str] = {}
        self._visitors: dict[tuple[str, str | None], requests.Session] = {}

    def text(self, sight: Sight) -> str:
        """What is read there."""
        if callable(sight):
            return plain(sight())
        if sight not in self._seen:
            self._seen[sight] = plain(self._page(sight))
        return self._seen[sight]

    def answer(self, sight: str) -> requests.Response:
        """A page by its address within the language, or "record NAME", "review NAME", "run SOURCE BACK"; or a form that
        is sent ("post ROLE ADDRESS name=value")."""
        place, _, path = sight.rpartition(": ") if sight.partition(": ")[0] in self.sites else ("", "", sight)
        site, kind = self.sites[place], path.split()[0]
        rest = path.partition(" ")[2]
        if kind == "post":
            role, address, *form = rest.split()
            data = dict(one.split("=", 1) for one in form)
            headers = {"origin": "https://evil.example"} if role == "foreign" else {}
            visitor = self.visitor(place, "reviewer" if role == "foreign" else role)
            return visitor.post(f"{site.url}/en/{self._of(site, address)}", data=data, headers=headers, timeout=10)
        role = "operator" if path.startswith(("operations", "run ")) else "reviewer" if "review" in path else None
        role = "reviewer" if rest.startswith("hidden ") or path == "operations as a reviewer" else role
        if role is None:
            return site.get(self._address(site, kind, rest, path))
        return self.visitor(place, role).get(f"{site.url}{self._address(site, kind, rest, path)}", timeout=10)

    def _address(self, site: Site, kind: str, rest: str, path: str) -> str:
        if kind == "record":
            wanted = rest.removeprefix("hidden ").lower().replace(" ", "-")
            found = by_name(site.catalogue, TOOL.name) if rest == "Faulty" else site.catalogue.software.get(wanted)
            return f"/en/software/{found.id}/{found.slug}"
        if kind == "review" and rest:
            return f"/en/review?id={site.catalogue.software.get(rest.lower().replace(' ', '-')).id}"
        if kind == "run":
            name, back = rest.split()
            return f"/en/operations/runs/{site.catalogue.runs.recent(name, 10)[int(back)].id}"
        return path if path.startswith("/") else f"/en/{path.removesuffix(' as a reviewer').removeprefix('home')}"

    def _of(self, site: Site, address: str) -> str:
        run = str(site.catalogue.runs.recent("idle", 1)[0].id) if "RUN" in address else ""
        waits = site.catalogue.review.queue(1)[0].id if "WAITS" in address else ""
        return address.replace("RUN", run).replace("WAITS", waits)

    def _page(self, sight: str) -> str:
        answer = self.answer(sight)
        if "html" not in answer.headers.get("content-type", ""):
            return answer.text
        tree = html.fromstring(answer.text)
        (main,) = tree.xpath("//main") or [tree]
        return " ".join(part.strip() for part in main.itertext())

    def visitor(self, place: str, role: str | None) -> requests.Session:
        if (place, role) not in self._visitors:
            self._visitors[place, role] = self.sites[place].visitor(role)
        return self._visitors[place, role]

    def values(self, facet: str) -> int:
        """How many values of a facet there are."""
        found = self.main.engine.search(Query(values=65_000)).facets
        return next(len(one.values) for one in found if one.name == facet)

    def total(self, query: str = "") -> int:
        """How many softwares the API lists, page after page."""
        listed, page = 0, 1
        while items := self.main.get(f"/api/v1/software?{query}&page={page}&size=20").json()["items"]:
            listed, page = listed + len(items), page + 1
        return listed


def plain(text: str) -> str:
    """The text with its spaces as one, and none before a mark."""
    return re.sub(r" ([.,;:!?)])", r"\1", " ".join(re.sub(r"<[^>]+>", "", text).split()))


def _break(error: Exception) -> None:
    raise error


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    folder = tmp_path_factory.mktemp
    with (
        served(folder("everything"), fill=fill) as main,
        served(folder("calm"), fill=calm) as alone,
        served(folder("nobody"), fill=nobody) as empty,
    ):
        errors = {"broken": RuntimeError("x"), "conflict": Conflict("x"), "index": IndexUnavailable("x")}
        for name, error in (errors | {"catalogue": CatalogueUnavailable("x", what="x")}).items():
            main.app.add_api_route(f"/en/breaks/{name}", partial(_break, error))
        harvest(alone.catalogue, [item("one", name="One"), item("two", name="Two")], "calm")  # which no index knows yet
        for _ in range(10):
            main.app.state.house.throttle.reserve("blocked", "127.0.0.1")
        yield Sites({"": main, "calm": alone, "nobody": empty})


def reason(code: str, **args: Any) -> Callable[[], str]:
    return lambda: SAY.reason(Reason.of(code, **args))


def judged(
    entries: int = 100, *, read: int | None = None, closed: int = 4, opened: int = 0, **said: Any
) -> Callable[[], str]:
    """What a run is told that brought so much and ended so."""
    ending = said.pop("ending", Ending())
    unread = 0 if read is None else entries - read
    counts = RunCounts(
        entries=entries, read=entries - unread, refused=unread, units_closed=closed, units_open=opened, issues=unread
    )
    return lambda: " ".join(SAY.reason(one) for one in judge(counts, ending, **said)[1])


def alive(**fields: Any) -> Callable[[], str]:
    """The reasons of how alive something is."""
    return lambda: " ".join(SAY.reason(one) for _, one in _judged_alive(**fields).reasons)


def _judged_alive(**fields: Any) -> Health:
    return health(Fields(**fields), datetime.now(UTC).date(), looked_at=None)


def scheduled(schedule: str | None) -> Callable[[], str]:
    return lambda: schedule_words(source(schedule=schedule), WORDS)


def shown(name: str, *, value: Any) -> str:
    return show(name, value, SAY).text


def exported(sites: Sites, query: str) -> list[dict[str, str]]:
    """The rows of the CSV."""
    answer = sites.main.get(f"/en/software.csv?{query}")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def every_value_has_a_source(sites: Sites) -> bool:
    found = sites.main.get(f"/api/v1/software/{by_name(sites.main.catalogue, 'Full').id}").json()
    told = set(found) & {"name", "license", "shortDescription", "organisations", "usedBy", "platforms", "softwareType"}
    return len(told) == 7 and all(found["provenance"][name] for name in told)


def the_number_of(kind: str, sites: Sites) -> Mapping[str, int]:
    found = faults_of(sites.main.catalogue, by_name(sites.main.catalogue, TOOL.name).id)
    assert found is not None
    return {"n": getattr(found, kind)}


def api_of_the_gone() -> str:
    return bytes(problem(410, "gone").body).decode()


def slot_passed(*, while_running: bool) -> str:

    catalogue = Catalogue.open("sqlite:///:memory:")
    if while_running:
        begin(catalogue, "alpha")
    else:
        catalogue.sources.put(source("alpha"), "test")
    catalogue.runs.missed("alpha", datetime.now(UTC))
    return " ".join(SAY.reason(one) for run in catalogue.runs.recent("alpha") for one in run.reasons)


def letter(began: int = 0, ended: int = 0) -> Callable[[], str]:
    """What a mail says of so many sources that went wrong, and so many that are not watched any more."""

    def write() -> str:
        trouble = Trouble(kind=NoticeKind.RUN, state="failed")
        moment = datetime.now(UTC)
        over = {"ended_at": moment, "end": NoticeEnd.UNWATCHED}
        made = [Notice(id=n, source=f"s{n}", trouble=trouble, began_at=moment) for n in range(began + ended)]
        untold = Untold(made[:began], [replace(one, **over) for one in made[began:]])  # type: ignore[arg-type]
        message = Message(Catalogue.open("sqlite:///:memory:"), Settings(), untold)
        return f"{message.subject}\n{message.text()}"

    return write


FAILURE = ("page 1", "no answer", None)
LAST = RunCounts(entries=100, read=100)
FEW, MANY = "software?q=Full", "software"
CODE = "record Bare"
ROWS: dict[str, Row] = {
    # values
    "flag.no": Row(lambda: shown("archived", value=False), lambda: shown("archived", value=True)),
    "unknown": Row(CODE, "software?q=Full&page=1&country=FR&license=MIT&organisation=Example+region&q=zz"),
    "terms.none": Row(lambda: terms_words(Terms(), SAY), lambda: terms_words(Terms(license="CC0-1.0"), SAY)),
    # search
    "search.filters": Row("software?license=MIT&sort=name", MANY, {"n": 1}),
    "search.total": Row("software?license=MIT", MANY, lambda s: {"n": s.total("license=MIT")}),
    "search.of_all": Row("software?license=MIT", "calm: software", lambda s: {"n": s.total()}),
    "search.clear": Row("software?license=MIT", MANY),
    "search.these_as": Row(
        MANY, "software?q=zzzz", lambda s: {"n": s.total()}, holds=lambda s: s.total() == len(exported(s, ""))
    ),
    "search.page_as": Row(
        "software?size=7",
        MANY,
        {"n": 7},
        holds=lambda s: len(s.main.get("/api/v1/software?size=7").json()["items"]) == 7,
    ),
    "search.took": Row(MANY, "software?q=zzzz"),
    "search.nothing_for": Row("software?q=zzzz", FEW, {"text": "zzzz"}),
    "search.step_said": Row(
        "software?q=Bare tool",
        "software?q=Bare",
        {"words": "tool"},
        holds=lambda s: (
            s.total("q=Bare") == 1 and s.main.get("/api/v1/software?q=Bare tool").json()["totals"]["all"] == 0
        ),
    ),
    "search.step_most": Row(
        "software?q=Bare zzzz",
        "software?q=Bare tool",
        holds=lambda s: (
            s.main.get("/api/v1/software?q=Bare zzzz").json()["totals"] == {"all": 0, "aside": 0, "most": 1}
        ),
    ),
    "search.nothing_for_filtered": Row("software?q=Bare&license=MIT", "software?q=zzzz", {"text": "Bare"}),
    "search.nothing": Row("software?license=MIT&license=none&country=FI", "software?license=MIT"),
    "search.lift_one": Row(
        "software?q=Bare&license=MIT",
        "software?q=zzzz",
        {"facet": "Licence", "value": "MIT"},
        "{}: 1 tool",
        lambda s: s.total("q=Bare") == 1,
    ),
    "search.see_all": Row("home", "record Full"),
    "paging.page": Row("software?size=20&page=2", FEW, lambda s: {"page": 2, "pages": -(-s.total() // 20)}),
    "facet.more": Row(MANY, FEW, lambda s: {"n": s.values("organisation") - 5}),
    "facet.find_all": Row(MANY, FEW, lambda s: {"n": s.values("organisation") - 30}),
    "facet.find_above": Row("filters", "filters?q=Full", lambda s: {"n": s.values("organisation") - 30}),
    "filters.show": Row("filters?license=MIT", "filters", lambda s: {"n": s.total("license=MIT")}),
    # `Body 40` is none of the first thirty values
    "filters.none": Row("filters?find=Body+41", "filters?find=bödy+40", {"text": "Body 41"}),
    "publiccode.no": Row(MANY, "software?q=Bare", around="{} 1"),
    "license_family.none": Row("software?q=Looked", "software?q=Bare", around="{} 1"),
    "hit.used_by": Row(FEW, "software?q=Bare", {"n": 2}),
    "hit.no_license": Row("software?q=Bare", "software?q=Looked"),
    "hit.without_license": Row("software?q=Looked", "software?q=Bare"),
    "hit.copied_by": Row("software?q=Agora", FEW, {"n": 2}),
    "proposed.copied": Row(
        lambda: SAY.reason(Reason.of("proposed.copied", n=2, bodies="Old Town, The Region")),
        lambda: SAY.reason(Reason.of("hit.used_by", n=2)),
        {"n": 2, "bodies": "Old Town, The Region"},
    ),
    "hit.step.said": Row("software?q=region at", "software?q=region"),
    "hit.step.most": Row("software?q=full region", "software?q=region"),
    "search.continued": Row(
        "software?q=Deliberation", "software?q=Bare", {"n": 1}, "The first one answers the question"
    ),
    "search.step_aside": Row(
        "software?q=Quorum", "software?q=Agora", holds=lambda s: s.total("q=Quorum&also=copies") == 1
    ),
    # about
    "privacy.cookies": Row("privacy", "about", holds=lambda s: not s.main.get("/en/privacy").cookies),
    "privacy.hosts": Row(
        "privacy", "about", holds=lambda s: "default-src 'none'" in s.main.get("/").headers["content-security-policy"]
    ),
    "accessibility.audit": Row("accessibility", "about"),
    "accessibility.checked": Row("accessibility", "about"),
    "about.program": Row("about", "privacy"),
    "api.limits": Row("api", "about"),
    # entities
    "entity.list": Row("countries/FR", "countries", lambda s: {"n": s.total("country=FR")}),
    "entity.unstated": Row("countries", "countries/FR", holds=lambda s: s.total("country=unknown") > 0),
    # home and sources
    "home.count": Row("home", "nobody: home", lambda s: {"n": s.total()}),
    "home.nothing_yet": Row("nobody: home", "home"),
    "home.source_count": Row("sources", "nobody: sources", lambda s: {"n": s.total("source=register")}),
    "home.and_more": Row(
        "home", "calm: home", lambda s: {"n": sum(one.enabled for one in s.main.catalogue.sources.all()) - 6}
    ),
    "organisations.total": Row("organisations?q=zzzz", "organisations", {"n": 0}),
    "statistics.lead": Row("statistics", "calm: statistics", lambda s: {"n": s.total()}),
    "compare.left_out": Row("compare?id=zzzz", "compare", {"n": 1, "most": 4}),
    "home.more_sources": Row(
        "home", "sources", holds=lambda s: all(name in s.text("sources") for name in ("The forge", "Never run", "Held"))
    ),
    "sources.lead": Row("sources", "home", holds=every_value_has_a_source),
    "sources.none": Row("nobody: sources", "sources"),
    "judging.figure_lead": Row("judging", "home"),
    # a record
    "relation.others": Row("record Agora", "record Full", {"n": 2}),
    "standing.copied": Row("record Agora", "record Full", {"n": 2}),
    "standing.used-by": Row("record Full", "record Agora", {"n": 2}),
    "standing.sources": Row("record Full", "record Agora", {"n": 2}),
    "standing.stars": Row("record Agora", "record Full", {"n": 321}),
    "activity.unknown": Row(CODE, "record Full"),
    "activity.last_known": Row("record Dumped", "record Looked into", {"day": SAY.date(LONG_AGO)}),
    "health.silent": Row("record Looked into", "record Dumped"),
    "health.old-evidence": Row(
        alive(date_modified=LONG_AGO), alive(date_modified=datetime.now(UTC)), {"date": SAY.date(LONG_AGO)}
    ),
    "health.no-date": Row(alive(), alive(date_modified=LONG_AGO)),
    "health.future-date": Row("record Future", "record Full"),
    "record.service": Row("record Hosted", CODE),
    "record.back": Row(CODE, "home"),
    "record.no_long": Row("record Looked into", "record Full"),
    "record.no_description": Row(CODE, "record Looked into"),
    "record.used_by_n": Row("record Full", CODE, {"n": 2}),
    "record.errors": Row("record Faulty", CODE, lambda s: the_number_of("errors", s)),
    "record.warnings": Row("record Faulty", CODE, lambda s: the_number_of("warnings", s)),
    "record.no_issues": Row("record Full", "record Doubtful"),
    "record.missing.publiccode": Row("record Looked into", CODE),
    "record.missing.license": Row(CODE, "record Worded"),
    "record.missing.no_license": Row("record Looked into", CODE),
    "record.missing.license_as_written": Row("record Worded", CODE),
    "record.missing.short_description": Row(CODE, "record Full"),
    "record.missing.available_languages": Row(CODE, "record Full"),
    "record.missing.landing_url": Row(CODE, "record Full"),
    "record.missing.development_status": Row(CODE, "record Full"),
    "record.json": Row("record Full", "home", holds=every_value_has_a_source),
    "record.history": Row("record Moved", CODE, {"n": 2}),
    "record.sources": Row("record Full", "record Region", {"n": 2}),
    "record.lost": Row("record Full", CODE, around="Library ({})"),
    "record.state.candidate": Row("record hidden Waits 01", CODE),
    "record.state.rejected": Row("record hidden Refused candidate", "record hidden Waits 01"),
    "record.state.gone": Row("record Leaves", "record Stays"),
    "listed.first": Row("record Doubtful", "record Moved", {"n": 30, "total": 205}),
    "issue.line": Row("record Doubtful", CODE, {"line": 7}),
    "issue.place": Row("record Faulty", CODE),
    "kind.service": Row("software?q=Hosted", "software?q=Full"),
    # review
    "near.shared-address": Row("review Alder tools", "review Petition box"),
    "review.waiting": Row("review", "nobody: review", lambda s: {"n": s.main.catalogue.review.waiting()}),
    "review.issues": Row("review Doubted candidate", "review Waits 01", {"n": 25}),
    "review.no_neighbours": Row("review Waits 01", "review Petition box"),
    "review.never_before": Row("review Waits 01", "review Refused candidate"),
    "review.today": Row("review", "nobody: review", {"n": 1}),
    "review.empty": Row("nobody: review", "review"),
    "review.not_waiting": Row("review Refused candidate", "review Waits 01", {"state": "rejected"}),
    "state.gone": Row("review Leaves", "review Refused candidate", around="any more: {}"),
    "bulk.title": Row("review/together?filters=q%3Dpetition", "review", {"n": 2}),
    "bulk.sample": Row("review/together?filters=q%3Dpetition", "review", {"n": 1, "total": 2}),
    "bulk.none": Row("review/together?filters=q%3Dabsent", "review/together?filters=q%3Dpetition"),
    "verdict.unsure": Row("review Waits 01", "review Refused candidate"),
    "verdict.different": Row("review Petition box", "review Waits 01"),
    "reject.not-civic": Row("review Refused candidate", "review Waits 01", around="{}: it is a toy"),
    "reject.not-software": Row("review Waits 01", "review Refused candidate"),
    # operations
    "source.taken_back": Row("operations/sources/taken", "operations/sources/moves"),
    "source.would_go": Row("operations/sources/moves?sure=remove", "operations/sources/moves", {"n": 1}),
    "source.would_stay": Row("operations/sources/moves?sure=remove", "operations/sources/moves", {"n": 0}),
    "source.would_go_names": Row("operations/sources/moves?sure=remove", "operations/sources/moves", {"n": 1}),
    "notices.none": Row("nobody: operations/notices", "operations/notices"),
    "notices.subject.began": Row(letter(began=2), letter(ended=2), {"n": 2}),
    "notices.subject.ended": Row(letter(ended=2), letter(began=2), {"n": 2}),
    "notices.unwatched": Row(letter(ended=1), letter(began=1), {"what": "s0: failed"}),
    "notices.more": Row(letter(began=203), letter(began=200), {"n": 3}),
    "notices.newest": Row("operations/notices", "nobody: operations/notices", {"n": 200}),
    "notices.no_way": Row("operations/notices", "operations"),
    "source.no_issues": Row("operations/sources/moves", "operations/sources/doubts"),
    "source.bad_schedule": Row(
        "post operator operations/sources/moves/edit title=Moves schedule=often", "operations/sources/moves"
    ),
    "source.bounds_mean": Row("operations/sources/moves", "operations"),
    "source.schedule_means": Row("operations/sources/moves", "operations/sources/taken"),
    "source.days": Row("operations/sources/moves", "operations/sources/taken", {"n": 7}),
    "source.not_due": Row("operations/sources/moves", "operations/sources/forge"),
    "offers.lead": Row("operations/offers", "operations"),
    "operations.gone": Row("operations", "calm: operations", {"n": 1}),
    "operations.queued": Row("operations", "calm: operations", {"n": 1}),
    "operations.nothing_due": Row("nobody: operations", "operations"),
    # a source that failed is failing, though it waits for its next run
    "operations.none_failing": Row("calm: operations", "operations"),
    "operations.none_judged": Row("nobody: operations", "operations"),
    "operations.progress": Row("operations", "calm: operations", {"done": 3, "total": 10}),
    "operations.so_far": Row("operations", "calm: operations", {"n": 0}),
    "operations.no_runs": Row(lambda: _bars_words([], WORDS), "calm: operations"),
    "index.pending": Row("calm: operations", "operations", {"n": 1}),
    "index.count": Row("operations", "calm: operations", lambda s: {"n": s.total("also=copies,parts,other")}),
    "run.never": Row("operations", "calm: operations"),
    "schedule.by_hand": Row(scheduled(None), scheduled("17 4 * * *")),
    "schedule.daily": Row(scheduled("17 4 * * *"), scheduled("17 4 * * 1")),
    "schedule.weekly": Row(scheduled("17 4 * * 1"), scheduled("17 4 * * *")),
    "schedule.hours": Row(scheduled("0 */6 * * *"), scheduled("0 4 * * *"), {"n": 6}),
    # a run
    "count.gone": Row("run leaving 0", "run idle 0", around="{} 1"),
    "count.unseen": Row("run held 0", "run idle 0", around="{} 20"),
    "run.attempt": Row("run taken-up 0", "run idle 0", {"n": 2}),
    "run.accept_means": Row("run held 0", "run idle 0", {"n": 20}),
    "run.would_go": Row(
        "run held 0", "run idle 0", {"n": 20}, holds=lambda s: s.text("run held 0").count("Kept ") == 20
    ),
    "run.went": Row("run leaving 0", "run leaving 1", {"n": 1}),
    "run.no_reason": Row("run idle 0", "run going 0"),
    "run.not_judged": Row("run going 0", "run idle 0"),
    "run.issues": Row("run doubts 0", "run idle 0", {"n": 205}),
    "run.no_issues": Row("run idle 0", "run doubts 1"),
    "run.issues_were": Row("run doubts 1", "run doubts 0", {"n": 205}),
    "run.no_issues_yet": Row("run going 0", "run idle 0"),
    "run.nothing_spent": Row("run idle 0", "run going 0"),
    "run.units_n": Row("run going 0", "run idle 0", {"done": 1, "open": 1}),
    "judged.time-limit": Row(judged(ending=Ending(timed_out_s=60.0)), judged(), {"n": 60}),
    "judged.attempts": Row(judged(ending=Ending(gave_up_after=5)), judged(), {"n": 5}),
    "judged.unit-failed": Row(judged(failures=[FAILURE]), judged(), {"unit": "page 1", "why": "no answer"}),
    "judged.more-units-failed": Row(judged(failures=[FAILURE] * 5), judged(failures=[FAILURE] * 3), {"n": 2}),
    "judged.nothing": Row(judged(0), judged(0, ending=Ending(capped_until=datetime.now(UTC)))),
    "judged.least": Row(judged(5, least=6), judged(6, least=6), {"n": 5, "least": 6}),
    "judged.fell": Row(judged(60, last_good=LAST), judged(71, last_good=LAST), {"n": 60, "before": 100}),
    "judged.refused": Row(judged(100, read=70), judged(100, read=90), {"n": 30, "entries": 100}),
    "judged.all-unread": Row(judged(100, read=0), judged(100, read=1), {"n": 100}),
    "judged.unread": Row(
        judged(100, read=30, last_good=LAST),
        judged(100, read=95, last_good=LAST),
        {"n": 70, "entries": 100, "before": 0, "of": 100},
    ),
    "judged.units-left": Row(judged(opened=2), judged(), {"n": 2}),
    "judged.held": Row("run held 0", "run idle 0", {"n": 20}),
    "judged.cut": Row(judged(hindrances=Hindrances(cut=2)), judged(), {"n": 2}),
    "judged.bounded": Row(judged(hindrances=Hindrances(bounded=2)), judged(), {"n": 2}),
    "judged.shifted": Row(judged(shifted=20), judged(), {"n": 20}),
    "judged.changed": Row(reason("judged.changed", n=2), judged(), {"n": 2}),
    "judged.overtaken": Row(judged(hindrances=Hindrances(overtaken=True)), judged()),
    "judged.went": Row(reason("judged.went", n=2, names="A, B"), judged(), {"n": 2, "names": "A, B"}),
    "judged.errors": Row(judged(ending=Ending(errors=3)), judged(), {"n": 3}),
    "judged.missed": Row(lambda: slot_passed(while_running=False), lambda: slot_passed(while_running=True)),
    "judged.overlapped": Row(lambda: slot_passed(while_running=True), lambda: slot_passed(while_running=False)),
    "duration.hours": Row(lambda: SAY.duration(timedelta(hours=2, minutes=5)), lambda: SAY.duration(timedelta(0))),
    "duration.minutes": Row(lambda: SAY.duration(timedelta(seconds=72)), lambda: SAY.duration(timedelta(seconds=9))),
    "duration.seconds": Row(lambda: SAY.duration(timedelta(seconds=9)), lambda: SAY.duration(timedelta(hours=2))),
    # what cannot be done
    "login.wait": Row("post reviewer login login=blocked password=x", "login"),
    "error.not-found.title": Row("nowhere", "home"),
    "error.not-found.why": Row("nowhere", "home"),
    "error.gone.title": Row(api_of_the_gone, "nowhere"),
    "error.gone.why": Row(api_of_the_gone, "nowhere"),
    "error.forbidden.title": Row("operations as a reviewer", "operations"),
    "error.forbidden.why": Row("operations as a reviewer", "operations"),
    "error.foreign-form.why": Row("post foreign review/WAITS/accept", "post reviewer review/WAITS/reject"),
    "error.no-reason.why": Row("post reviewer review/WAITS/reject", "post foreign review/WAITS/accept"),
    "error.conflict.why": Row("/en/breaks/conflict", "nowhere"),
    "error.bad-request.title": Row("software?page=0", "software?page=1"),
    "error.method.title": Row("post reviewer software", MANY),
    "error.method.why": Row("post reviewer software", MANY),
    "error.catalogue-unavailable.title": Row("/en/breaks/catalogue", "/en/breaks/index"),
    "error.catalogue-unavailable.why": Row("/en/breaks/catalogue", "/en/breaks/index"),
    "error.index-unavailable.title": Row("/en/breaks/index", "/en/breaks/catalogue"),
    "error.index-unavailable.why": Row(
        "/en/breaks/index", "/en/breaks/catalogue", holds=lambda s: s.answer("record Full").status_code == 200
    ),
    "error.broken.why": Row("/en/breaks/broken", "/en/breaks/index"),
    "limit.value": Row("software?sort=up", "software?sort=name", {"name": "sort", "value": "up"}),
    "limit.field": Row("operations/runs/x", "operations"),
    "limit.size": Row("software?size=101", "software?size=100", {"n": 100}),
    "limit.reach": Row("software?size=100&page=101", "software?size=100&page=100", {"n": 10_000}),
    "limit.values": Row(
        "software?" + "&".join(f"license=L{n}" for n in range(101)),
        "software?" + "&".join(f"license=L{n}" for n in range(100)),
        {"n": 100},
    ),
    "limit.characters": Row(f"software?q={'x' * 501}", f"software?q={'x' * 500}", {"n": 500}),
    "limit.words": Row(f"software?q={'x+' * 201}", f"software?q={'x+' * 200}", {"n": 200}),
    "saved.full": Row(reason("saved.full", n=50), "review"),
    "limit.address": Row(f"software?q={'x' * 8200}", FEW, {"n": 8_192}),
    "limit.form": Row(f"post reviewer review/undo why={'x' * 70_000}", "review", {"n": 65_536}),
    "limit.text": Row("software?q=%00", "software?q=00"),
    # what visitors say
    "propose.not_asked": Row("propose?address=https://codeberg.org/town/forms", "propose"),
    "voice.privacy": Row("propose", "home"),
    "voice.no_page": Row("post reviewer propose address=https://169.254.169.254/x", "propose"),
    "voice.no_tool": Row("post reviewer propose address=https://github.com/pricing", "propose"),
    "voices.none": Row("review/voices", "review"),
    "conflict.not-acceptable": Row("post operator operations/runs/RUN/accept", "run held 0"),
}


@cache
def claims() -> dict[str, str]:
    """The messages of the English catalog with a number, a negation or an "all", by key."""
    file = resources.files("harvester.words") / "locale" / "en.po"
    catalog = read_po(io.BytesIO(file.read_bytes()))
    texts = {one.id if isinstance(one.id, str) else one.id[0]: one.string for one in catalog if one.id}
    last = {key: text if isinstance(text, str) else text[-1] for key, text in texts.items()}
    return {key: text for key, text in last.items() if NUMBERS.search(text) or NEGATIONS.search(text)}


def pattern(key: str, row: Row, sites: Sites) -> re.Pattern[str]:
    """What the sentence looks like, with its values."""
    given = row.values(sites) if callable(row.values) else row.values
    names = set(re.findall(r"\{(\w+)\}", claims()[key]))
    filled = WORDS(key, **{name: given.get(name, f"\ue000{name}\ue001") for name in names})
    if "n" in names and "n" not in given:
        filled = WORDS(key, n=2, **{name: given.get(name, f"\ue000{name}\ue001") for name in names - {"n"}})
        filled = filled.replace("2", "\ue000n\ue001")
    whole = re.escape(plain(row.around.replace("{}", filled)))
    return re.compile(r"(?<!\w)" + re.sub("\ue000\\w+\ue001", ".+?", whole) + r"(?!\w)")


def test_every_claim_has_a_row() -> None:
    assert set(claims()) - set(ROWS) - ELSEWHERE == set()
    assert set(ROWS) - set(claims()) == set()


ELSEWHERE = {"paging.ends", "export.broken", "review.and_others"}


@pytest.mark.parametrize("key", sorted(ROWS))
def test_it_is_said_where_it_is_so_and_nowhere_else(sites: Sites, key: str) -> None:
    row = ROWS[key]
    wanted = pattern(key, row, sites)
    assert wanted.search(sites.text(row.shows)), f"{wanted.pattern} is not in {sites.text(row.shows)[:3000]}"
    assert not wanted.search(sites.text(row.hides)), f"{wanted.pattern} is in {sites.text(row.hides)[:3000]}"
    assert row.holds(sites)


def test_a_value_is_of_its_source_s_own_date(sites: Sites) -> None:
    said = WORDS("record.as_of", when=SAY.date(LONG_AGO))
    assert said in sites.text("record Dumped")
    assert said not in sites.text("record Looked into")


def test_a_list_that_paging_cannot_reach_says_so_and_its_csv_is_whole(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_reader, "MAX_REACH", 40)
    said = WORDS("paging.ends", n=40, total=sites.total())
    assert said in plain(sites.main.get("/en/software?size=10&q=&page=2&sort=name").text)
    assert said not in plain(sites.main.get("/en/software?q=Town&size=10&sort=name").text)
    assert len(exported(sites, "sort=name")) == sites.total() > 40


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_csv_whose_index_fails_on_the_way_says_in_its_last_line_where_it_ends(tmp_path: Path, language: str) -> None:
    def lines(site: Site) -> list[str]:
        return site.get(f"/{language}/software.csv?sort=name").content.decode().splitlines()

    with served(tmp_path, filled=False) as site:
        for letter in "ab":  # a segment of the index each
            harvest(site.catalogue, [item(f"{letter}{n:02}") for n in range(30)], letter, trusted=True)
            site.refresh()
        whole = lines(site)
        assert len(whole) == 61
        stores = sorted((tmp_path / "index" / (site.engine.current() or "")).glob("*.store"), key=_begun)
    assert len(stores) == 2
    kept = stores[1].read_bytes()
    stores[1].unlink()
    stores[1].write_bytes(b"\xa5" * (len(kept) - 200) + kept[-200:])
    with served(tmp_path, filled=False) as site:
        broken = lines(site)
    assert broken[:31] == [
        line.replace(line.rpartition(",")[2], other.rpartition(",")[2])
        for line, other in zip(whole[:31], broken, strict=False)
    ]
    assert len(broken) == 32
    said = packaged()[language]("export.broken", n=30, total=60)
    assert next(csv.reader([broken[-1]])) == [said]
    assert said not in "".join(whole)


def _begun(store: Path) -> float:
    return store.stat().st_mtime
