"""URLs of repositories and pages in one spelling, so that two sources mean the same thing by the same string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

_TWO_PART = frozenset(("github.com", "codeberg.org", "bitbucket.org", "gitee.com", "git.sr.ht", "notabug.org"))
_FOLDS_CASE = frozenset(("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "framagit.org"))
_FORGES = {
    "github.com": "github",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "forgejo",
    "code.overheid.nl": "forgejo",
    "framagit.org": "gitlab",
    "salsa.debian.org": "gitlab",
    "0xacab.org": "gitlab",
    "invent.kde.org": "gitlab",
    "code.europa.eu": "gitlab",
    "git.sr.ht": "sourcehut",
    "sourceforge.net": "sourceforge",
    "git.fsfe.org": "forgejo",
}
_PAGES_OF_GITHUB = frozenset(
    (
        "about account apps blog collections contact customer-stories dashboard enterprise events "
        "explore features groups help issues join login logout marketplace new notifications orgs "
        "organizations pricing projects pulls readme search security settings site sponsors stars team "
        "terms topics trending users"
    ).split()
)
_PAGES_OF_OTHERS = frozenset(
    "admin api assets dashboard explore groups help login oauth public search snippets user users".split()
)
_SHARED_HOSTS = frozenset(
    (
        "apps.apple.com airtable.com docs.google.com drive.google.com facebook.com flickr.com "
        "framasite.org github.io gitlab.io heroku.com itunes.apple.com linkedin.com linktr.ee medium.com "
        "netlify.app notion.site notion.so pages.dev play.google.com readthedocs.io sites.google.com "
        "slack.com t.me twitter.com vercel.app vimeo.com wikipedia.org wixsite.com wordpress.com x.com "
        "youtube.com blogspot.com google.com herokuapp.com"
    ).split()
)
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|mc_[ce]id|pk_\w+|mtm_\w+|ref|ref_src)$")
_OF_NO_REPOSITORY = frozenset(
    (
        "a action annotate at blob branch commit context diff_format dir dt f file h hb head hl hp hpb ignorews lang "
        "language line locale m mode o order pathrev path pg ref rev revision rvr s search sf show sort sortby sortdir "
        "ss st tab tag tree until view"
    ).split()
)  # parameters that tell a place or a view in a repository, by gitweb, cgit, ViewVC, WebSVN and their like
_COUNTED = re.compile(r"\d+|[0-9a-f]{7,64}")  # a page's number, a commit
_SCP = re.compile(r"^(?:[\w.-]+@)([\w.-]+\.[a-z]{2,}):(?!//)(?:\d+/)?(.+)$", re.IGNORECASE)
_SCP_OF_NOBODY = re.compile(r"^([\w-]+(?:\.[\w-]+)*\.[a-z]{2,}):(?!//|\d+/)([^\s:]+\.git)/?$", re.IGNORECASE)
_SHORT = re.compile(r"^(github|gitlab|bitbucket):([\w.-]+/[\w./-]+)$", re.IGNORECASE)  # as packages' files write them
_MAVEN = re.compile(r"^scm:(?:git|svn|hg)?[:|]", re.IGNORECASE)
_HOSTS_OF_SSH = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
_SHORT_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_ADDRESS = re.compile(
    r"""(?:(?:https?|ssh|git(?:\+\w+)?)://|(?<![\w.-])[\w.-]++@[\w.-]++:|www\.)[^\s<>"'|;,]+""", re.IGNORECASE
)
_FORGE_LABELS = frozenset(("git", "code", "forge", "gitea", "forgejo", "gitlab", "sources", "src", "scm"))
_OVERVIEWS = frozenset("explore groups projects users search pub c cgit gitweb login about help".split())
_GITWEB = re.compile(
    r"^https://[^?]*gitweb[^?]*\?(?:.*&)?p=|^https://[^?]*\?(?:.*&)?p=[^&]+\.git(?:&|$)", re.IGNORECASE
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+", re.IGNORECASE)
_UNUSABLE = re.compile(r"[\s\x00-\x20\x7f\ud800-\udfff]")
_BARE = re.compile(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*$")
_INSIDE = frozenset(
    (
        "tree blob raw src wiki wikis issues pulls pull merge_requests releases tags tag commits commit "
        "actions branches network graphs archive blame edit discussions security pulse "
        "milestones labels"
    ).split()
)
_INSIDE_GITLAB = frozenset(
    (
        "activity badges blame blob builds commit commits create edit files find_file issues merge_requests new "
        "preview raw refs tree update wikis"
    ).split()
)  # a project cannot have most of these names; a "src" or a "wiki" in a subgroup is a project
_OF_GIT = re.compile(r"^(?:scm:git:)?(?:[\w.-]+@[\w.-]+:|git(?:\+\w+)?://|ssh://)|\.git/?$", re.IGNORECASE)
_KEPT = "/~!$&'()*+,;=:@"
_ENDINGS = re.compile(r"(?:tig\.|[.,;:!)\]}>'\"])*+", re.IGNORECASE)
"""".git", and what a sentence leaves behind: written backwards, since from the front each sign may begin the ending."""


Forges = frozenset[tuple[str, str]]
"""Hosts that accepted sources harvest as forges, each with its kind."""
_harvested: ContextVar[Forges] = ContextVar("harvested forges", default=frozenset())


@contextmanager
def known_forges(forges: Forges) -> Iterator[None]:
    """Within it these hosts are known as forges, too."""
    token = _harvested.set(forges)
    try:
        yield
    finally:
        _harvested.reset(token)


class IsRepository(StrEnum):
    """Whether an address leads to a repository."""

    CERTAIN = "certain"
    PERHAPS = "perhaps"  # by its form, on a host that nobody knows: it suggests, and merges nothing
    NO = "no"  # a site, a forge's own page, or no address


class RepositoryVerdict(NamedTuple):
    """The answer with its reason: "known-forge", "clone-address", "place-in-a-project", "gitweb", "forge-like-host";
    "no-address", "forge-page", "overview", "site"."""

    repository: IsRepository
    reason: str


def repository_at(written: str) -> RepositoryVerdict:
    """Whether an address is a repository's: the one answer for every reader."""
    address = repository_url(written)
    if address is None:
        return RepositoryVerdict(IsRepository.NO, "forge-page" if host_of(written) else "no-address")
    parts = urlsplit(address)
    if forge_of(address) is not None:
        return RepositoryVerdict(IsRepository.CERTAIN, "known-forge")
    if _GITWEB.search(address):
        return RepositoryVerdict(IsRepository.CERTAIN, "gitweb")
    if _OF_GIT.search(written.strip()):
        return RepositoryVerdict(IsRepository.CERTAIN, "clone-address")
    if "/-/" in written:
        return RepositoryVerdict(IsRepository.CERTAIN, "place-in-a-project")
    segments = parts.path.strip("/").split("/")
    if segments[0].lower() in _OVERVIEWS:
        return RepositoryVerdict(IsRepository.NO, "overview")
    if len(segments) >= 2 and _FORGE_LABELS & set((parts.hostname or "").split(".")):
        return RepositoryVerdict(IsRepository.PERHAPS, "forge-like-host")
    return RepositoryVerdict(IsRepository.NO, "site")


def surely_repository(written: str) -> bool:
    """Whether an address is certainly a repository's."""
    return repository_at(written).repository is IsRepository.CERTAIN


def is_repository_link(href: str) -> bool:
    """Whether a link leads to a repository, certainly or perhaps."""
    return repository_at(href).repository is not IsRepository.NO


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses that stand in a text, each once: some fields hold several."""
    return tuple(dict.fromkeys(found.rstrip(".,;)") for found in _ADDRESS.findall(text)))


def _split(url: str) -> SplitResult | None:
    """The parts of a web or git address, its scheme http(s), or None."""
    text = url.strip().strip("<>\"'").replace("\\", "/")
    if not text or _UNUSABLE.search(text):
        return None
    text = _MAVEN.sub("", text)
    scp = _SCP.match(text) or _SCP_OF_NOBODY.match(text)
    if short := _SHORT.match(text):
        text = f"https://{_SHORT_HOSTS[short[1].lower()]}/{short[2]}"
    elif scp:
        text = f"https://{scp[1]}/{scp[2]}"
    elif _BARE.match(text) and "://" not in text:
        text = f"https://{text}"
    text = re.sub(r"^git\+", "", text, flags=re.IGNORECASE)
    web = re.match(r"https?://", text, re.IGNORECASE) is not None
    text = re.sub(r"^(?:git|ssh|git\+ssh|http)://", "https://", text, flags=re.IGNORECASE)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = _host((parts.hostname or "").rstrip(".").removeprefix("www."))
    if host in _HOSTS_OF_SSH:
        host, port = _HOSTS_OF_SSH[host], None
    if parts.scheme.lower() != "https" or host is None:
        return None
    if web and port not in (None, 80, 443):  # git's and ssh's ports say nothing of the web's
        host = f"{host}:{port}"
    return SplitResult("https", host, parts.path, parts.query, "")


def _host(name: str) -> str | None:
    """The name as DNS has it ("bücher.example" is "xn--bcher-kva.example"), or None when it can be none."""
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return None
    return name.lower() if _HOST.fullmatch(name) else None


def host_of(url: str) -> str | None:
    """The host, lower-cased and without "www.", or None."""
    parts = _split(url)
    return parts.netloc if parts else None


def forge_of(url: str) -> str | None:
    """Which kind of forge the URL is on, where the host tells: "github", "gitlab", "forgejo", "bitbucket", …"""
    host = host_of(url)
    if host is None:
        return None
    known = _FORGES.get(host) or dict(_harvested.get()).get(host)
    if known:
        return known
    labels = host.split(".")
    if any("gitlab" in label for label in labels):
        return "gitlab"
    if any(label in ("gitea", "forgejo") for label in labels):
        return "forgejo"
    return None


def is_shared_host(url: str) -> bool:
    """Whether the host serves many unrelated things, so that it identifies none of them."""
    host = host_of(url)
    if host is None:
        return True
    labels = host.split(".")
    return forge_of(url) is not None or any(".".join(labels[start:]) in _SHARED_HOSTS for start in range(len(labels)))


def _repository_path(host: str, path: str) -> str | None:
    segments = [segment for segment in path.split("/") if segment not in ("", ".", "..")]
    if "-" in segments:
        segments = segments[: segments.index("-")]
    gitlab = forge_of(f"https://{host}/") == "gitlab"
    if host in _TWO_PART or gitlab:
        pages = _PAGES_OF_GITHUB if host == "github.com" else _PAGES_OF_OTHERS
        if len(segments) < 2 or segments[0].lower() in pages:
            return None
    if host in _TWO_PART:
        segments = segments[:2]
    else:
        inside = _INSIDE_GITLAB if gitlab else _INSIDE
        end = next((place for place, segment in enumerate(segments) if place >= 2 and segment in inside), None)
        segments = segments[:end]
    if not segments:
        return None
    segments[-1] = _ENDINGS.sub("", segments[-1][::-1], count=1)[::-1]
    return "/".join(segments) if segments[-1].strip(".") else None


def _at_its_forge(host: str, path: str) -> tuple[str, str] | None:
    """Host and path of the repository's own page for addresses of its files and of its API; None for what has none."""
    segments = [segment for segment in path.split("/") if segment]
    if host == "raw.githubusercontent.com":
        return "github.com", "/".join(segments[:2])
    if host == "api.github.com":
        return ("github.com", "/".join(segments[1:3])) if segments[:1] == ["repos"] else None
    if host.endswith(".github.com") or (forge_of(f"https://{host}/") is None and is_shared_host(f"https://{host}/")):
        return None
    return host, path


def repository_url(url: str) -> str | None:
    """The repository's address for people: https, no .git, no credentials, no place inside it; letter case is kept, and
    so is what of the query names it."""
    return _repository_url(url, _harvested.get())


@lru_cache(maxsize=65536)
def _repository_url(url: str, _forges: Forges) -> str | None:
    parts = _split(url)
    if parts is None:
        return None
    plain = unquote(parts.path)
    place = None if _UNUSABLE.search(plain) else _at_its_forge(parts.netloc, plain)
    if place is None:
        return None
    if query := _repository_query(place[0], parts.query):  # then the path is that of the server's program
        return f"https://{place[0]}{quote(place[1] or '/', safe=_KEPT)}?{query}"
    path = _repository_path(*place)
    return f"https://{place[0]}/{quote(path, safe=_KEPT)}" if path else None


def _repository_query(host: str, query: str) -> str:
    """What of a query names the repository: the servers of gitweb and its like have one path for all of theirs
    ("?p=tools/registry.git;a=summary"). Forges that are known have a path for each; "" there."""
    if not query or host in _TWO_PART or forge_of(f"https://{host}/") is not None:
        return ""
    named = [
        (name, value)
        for name, value in parse_qsl(query.replace(";", "&"))
        if name.lower() not in _OF_NO_REPOSITORY
        and not _TRACKING.match(name.lower())
        and not (name.lower() in ("p", "id", "page") and _COUNTED.fullmatch(value))
    ]
    return urlencode(sorted(named), safe="/~:@", quote_via=quote)


def canonical_repository(url: str) -> str | None:
    """The repository's identity: `repository_url`, its path lower-cased where the host ignores case. Never fetched."""
    return _canonical_repository(url, _harvested.get())


@lru_cache(maxsize=65536)
def _canonical_repository(url: str, _forges: Forges) -> str | None:
    address = repository_url(url)
    if address is None:
        return None
    if "?" in address:
        path, _, query = address.partition("?")
        return f"{path.rstrip('/')}?{query}"
    host, _, path = address.removeprefix("https://").partition("/")
    folds = host in _FOLDS_CASE or forge_of(address) == "gitlab" or host in dict(_harvested.get())
    return f"https://{host}/{path.lower() if folds else path}"


def canonical_page(url: str) -> str | None:
    """A page's identity: https, no "www.", no trailing slash, no fragment, no tracking parameters."""
    parts = _split(url)
    if parts is None:
        return None
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name.lower())]
    query = f"?{urlencode(sorted(kept))}" if kept else ""
    return f"https://{parts.netloc}{parts.path.rstrip('/')}{query}"


def web_address(text: object) -> str | None:
    """The text as an http(s) address as it was written, or None."""
    if not isinstance(text, str):
        return None
    stripped = text.strip()
    if _UNUSABLE.search(stripped) or not re.match(r"^https?://[^\s/]+\.[^\s]+$", stripped, re.IGNORECASE):
        return None
    return stripped
