"""URLs of repositories and pages in one spelling, so that two sources mean the same thing by the same string."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

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
_NOT_OWNERS = frozenset(
    (
        "about account apps blog collections contact customer-stories dashboard enterprise events "
        "explore features groups help issues join login logout marketplace new notifications orgs "
        "organizations pricing projects pulls readme search security settings site sponsors stars team "
        "terms topics trending users"
    ).split()
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
_SCP = re.compile(r"^(?:[\w.-]+@)([\w.-]+\.[a-z]{2,}):(?!//)(?:\d+/)?(.+)$", re.IGNORECASE)
_BARE = re.compile(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*$")
_INSIDE = frozenset(
    (
        "tree blob raw src wiki wikis issues pulls pull merge_requests releases tags tag commits commit "
        "actions branches network graphs archive blame edit discussions security pulse "
        "milestones labels"
    ).split()
)


def _split(url: str) -> SplitResult | None:
    """The parts of a web or git address, its scheme http(s), or None."""
    text = url.strip().strip("<>\"'").replace("\\", "/")
    if not text or any(character.isspace() or ord(character) < 32 for character in text):
        return None
    scp = _SCP.match(text)
    if scp:
        text = f"https://{scp[1]}/{scp[2]}"
    elif _BARE.match(text) and "://" not in text:
        text = f"https://{text}"
    text = re.sub(r"^git\+", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(?:git|ssh|http)://", "https://", text, flags=re.IGNORECASE)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if parts.scheme.lower() != "https" or "." not in host:
        return None
    if port is not None and port not in (80, 443, 22):
        host = f"{host}:{port}"
    return SplitResult("https", host, parts.path, parts.query, "")


def host_of(url: str) -> str | None:
    """The host, lower-cased and without "www.", or None."""
    parts = _split(url)
    return parts.netloc if parts else None


def forge_of(url: str) -> str | None:
    """Which kind of forge the URL is on, where the host tells: "github", "gitlab", "forgejo", "bitbucket", …"""
    host = host_of(url)
    if host is None:
        return None
    known = _FORGES.get(host)
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
    segments = [segment for segment in unquote(path).split("/") if segment not in ("", ".", "..")]
    if "-" in segments:
        segments = segments[: segments.index("-")]
    if host in _TWO_PART:
        if len(segments) < 2 or segments[0].lower() in _NOT_OWNERS:
            return None
        segments = segments[:2]
    else:
        for place, segment in enumerate(segments):
            if place >= 2 and segment in _INSIDE:
                segments = segments[:place]
                break
    if not segments:
        return None
    if segments[-1].lower().endswith(".git"):
        segments[-1] = segments[-1][:-4]
    if not segments[-1]:
        return None
    return "/".join(segments)


@lru_cache(maxsize=65536)
def repository_url(url: str) -> str | None:
    """The repository's address for people: https, no .git, no credentials, no place inside it; letter case is kept."""
    parts = _split(url)
    if parts is None:
        return None
    path = _repository_path(parts.netloc, parts.path)
    return f"https://{parts.netloc}/{path}" if path else None


@lru_cache(maxsize=65536)
def canonical_repository(url: str) -> str | None:
    """The repository's identity: `repository_url`, its path lower-cased where the host ignores case. Never fetched."""
    address = repository_url(url)
    if address is None:
        return None
    host, _, path = address.removeprefix("https://").partition("/")
    folds = host in _FOLDS_CASE or forge_of(address) == "gitlab"
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
    if not re.match(r"^https?://[^\s/]+\.[^\s]+$", stripped, re.IGNORECASE):
        return None
    return stripped
