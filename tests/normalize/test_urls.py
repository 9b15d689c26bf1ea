"""Addresses: many spellings of one repository are one string, and what is no repository is None."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.examples import examples

from harvester.normalize.urls import (
    canonical_page,
    canonical_repository,
    forge_of,
    host_of,
    is_shared_host,
    repository_url,
    web_address,
)

SPELLINGS = [
    "https://github.com/ckan/ckan",
    "https://github.com/CKAN/ckan",
    "HTTPS://GitHub.COM/ckan/CKAN",
    "http://github.com/ckan/ckan",
    "https://www.github.com/ckan/ckan/",
    "https://github.com./ckan/ckan",
    "https://github.com:443/ckan/ckan",
    "https://github.com//ckan//ckan//",
    "https://github.com/ckan/ckan.git",
    "https://github.com/ckan/ckan.GIT/",
    "https://github.com/ckan/ckan#readme",
    "https://github.com/ckan/ckan?tab=readme-ov-file&utm_source=x",
    "https://github.com/ckan/ckan/tree/master",
    "https://github.com/ckan/ckan/tree/master/ckan/lib",
    "https://github.com/ckan/ckan/blob/master/README.rst#L3",
    "https://github.com/ckan/ckan/issues/1",
    "https://github.com/ckan/ckan/wiki",
    "https://user:token@github.com/ckan/ckan",
    "https://oauth2@github.com/ckan/ckan.git",
    "github.com/ckan/ckan",
    "www.github.com/ckan/ckan",
    "<https://github.com/ckan/ckan>",
    '"https://github.com/ckan/ckan"',
    "https://github.com/ckan/ckan.",
    "https://github.com/ckan/ckan),",
    " https://github.com/ckan/ckan\n",
    "https:\\\\github.com\\ckan\\ckan",
    "git@github.com:ckan/ckan.git",
    "git@github.com:ckan/ckan",
    "ssh://git@github.com/ckan/ckan.git",
    "ssh://git@github.com:22/ckan/ckan.git",
    "git://github.com/ckan/ckan.git",
    "git://github.com:9418/ckan/ckan.git",
    "git+https://github.com/ckan/ckan.git",
    "git+ssh://git@github.com/ckan/ckan.git",
    "https://github.com/%63kan/ckan",
    "https://raw.githubusercontent.com/ckan/ckan/master/README.rst",
    "https://api.github.com/repos/ckan/ckan",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_repository_is_one_identity(spelling: str) -> None:
    assert canonical_repository(spelling) == "https://github.com/ckan/ckan"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://gitlab.com/Group/Sub/Project/-/tree/main/src", "https://gitlab.com/group/sub/project"),
        ("https://gitlab.com/group/sub/project/tree/main", "https://gitlab.com/group/sub/project"),
        ("https://gitlab.com/group/sub/src", "https://gitlab.com/group/sub/src"),
        ("https://gitlab.com/group/sub/wiki/-/issues", "https://gitlab.com/group/sub/wiki"),
        ("git@gitlab.com:group/sub/project.git", "https://gitlab.com/group/sub/project"),
        ("https://gitlab.example.org:8443/a/b", "https://gitlab.example.org:8443/a/b"),
        ("http://gitlab.example.org:80/a/b", "https://gitlab.example.org/a/b"),
        ("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org/a/b"),
        ("git@git.example.org:2222/a/b.git", "https://git.example.org/a/b"),
        ("https://git.example.org/cgit/tool.git/tree/src", "https://git.example.org/cgit/tool"),
        ("https://bitbucket.org/Team/Repo/src/master/", "https://bitbucket.org/team/repo"),
        ("https://codeberg.org/A/B/src/branch/main", "https://codeberg.org/a/b"),
        ("https://git.sr.ht/~owner/repo/tree", "https://git.sr.ht/~owner/repo"),
        ("https://bücher.example/a/b", "https://xn--bcher-kva.example/a/b"),
        ("https://svn.example.org/tool", "https://svn.example.org/tool"),
        ("https://sourceforge.net/projects/tool", "https://sourceforge.net/projects/tool"),
    ],
)
def test_each_forge_has_its_own_shape(written: str, canonical: str) -> None:
    assert canonical_repository(written) == canonical


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://git.example.org/gitweb/?p=tools/a.git;a=summary", "https://git.example.org/gitweb?p=tools/a.git"),
        ("https://git.example.org/gitweb?a=tree&p=tools/a.git", "https://git.example.org/gitweb?p=tools/a.git"),
        ("https://git.example.org/?p=a.git", "https://git.example.org?p=a.git"),
        ("https://svn.example.org/viewvc/code/?root=land&view=log", "https://svn.example.org/viewvc/code?root=land"),
        ("https://svn.example.org/listing.php?repname=A&rev=0", "https://svn.example.org/listing.php?repname=A"),
        ("https://scm.example.org/scm/?group_id=42", "https://scm.example.org/scm?group_id=42"),
        ("https://git.example.org/cgit/a/tree/?h=main&id=0a1b2c3d", "https://git.example.org/cgit/a"),
        ("https://git.example.org/list/a?utm_source=x&p=2", "https://git.example.org/list/a"),
        ("https://github.com/a/b?tab=readme", "https://github.com/a/b"),
        ("https://gitlab.example.org/a/b?ref=main", "https://gitlab.example.org/a/b"),
    ],
)
def test_what_of_a_query_names_the_repository_is_part_of_it(written: str, canonical: str) -> None:
    assert canonical_repository(written) == canonical
    shown = repository_url(written)
    assert shown is not None
    assert canonical_repository(shown) == canonical_repository(canonical) == canonical
    assert repository_url(shown) == shown


@pytest.mark.parametrize(
    ("host", "folds"),
    [
        ("github.com", True),
        ("gitlab.com", True),
        ("gitlab.inria.fr", True),
        ("codeberg.org", True),
        ("bitbucket.org", True),
        ("framagit.org", True),
        ("git.example.org", False),
        ("git.sr.ht", False),
    ],
)
def test_letter_case_counts_only_where_the_host_heeds_it(host: str, folds: bool) -> None:
    one, other = canonical_repository(f"https://{host}/Owner/Name"), canonical_repository(f"https://{host}/owner/name")
    assert (one == other) is folds
    assert repository_url(f"https://{host}/Owner/Name.git") == f"https://{host}/Owner/Name"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "not an address",
        "https://",
        "https:///a/b",
        "https://github.com",
        "https://github.com/ckan",
        "https://github.com/orgs/ckan/repositories",
        "https://github.com/topics/civic-tech",
        "https://github.com/features/actions",
        "https://github.com/search?q=civic",
        "https://github.com/sponsors/somebody",
        "https://github.com/a/.git",
        "https://github.com/a/..",
        "https://github.com/a/b c",
        "https://github.com/a/b%20c",
        "https://github.com/a/b%00",
        "https://github.com/a/b\0",
        "https://github.com/a/\ud800",
        "https://github.com:99999/a/b",
        "https://github.com:port/a/b",
        "https://gist.github.com/ab/12",
        "https://docs.github.com/en/rest",
        "https://api.github.com/users/ckan",
        "https://ckan.github.io/ckan",
        "https://gitlab.com/explore/projects",
        "https://gitlab.com/groups/tools",
        "https://gitlab.com/users/sign_in",
        "https://gitlab.com/tools",
        "https://example.org",
        "https://example.org/",
        "https://localhost/a/b",
        "https://[::1]/a/b",
        "https://[::1/a/b",
        "https://-.example/a/b",
        "https://ex..ample/a/b",
        "https://www.facebook.com/somebody/posts",
        "https://docs.google.com/document/d/1",
        "ftp://github.com/a/b",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:git@github.com",
        "data:text/html,x",
        "urn:x:y",
    ],
)
def test_what_is_no_repository_has_no_identity(text: str) -> None:
    assert canonical_repository(text) is None
    assert repository_url(text) is None


@given(
    st.text(max_size=80)
    | st.from_regex(r"(https?://|git@|ssh://)?[a-zA-Z.-]{1,12}(:\d{1,5})?[/:][ -~é\ud800]{0,30}", fullmatch=True)
)
@examples(200)
@example("https://a.b/%25")
@example("https://a.b/%3f")
@example("https://a.b/x.git.git")
@example("https://a.b/x.git.")
@example("https://github.com/a/b.%67it.git")
@example("https://a.b/@c.d:e")
def test_an_identity_is_its_own_identity(text: str) -> None:
    for canonical in (canonical_repository, canonical_page, repository_url):
        once = canonical(text)
        if once is not None:
            assert canonical(once) == once
            once.encode()
            assert once.startswith("https://")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://www.example.org/a/?utm_source=x&b=2&a=1#top", "https://example.org/a?a=1&b=2"),
        ("http://example.org", "https://example.org"),
        ("HTTP://Example.ORG:80/A/", "https://example.org/A"),
        ("https://example.org/?fbclid=1&gclid=2", "https://example.org"),
        ("https://example.org/index.html", "https://example.org/index.html"),
        ("ftp://example.org/", None),
        ("no address", None),
    ],
)
def test_a_page_is_named_without_what_changes(written: str, canonical: str | None) -> None:
    assert canonical_page(written) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/ckan/ckan",
        "https://ckan.github.io",
        "https://gitlab.inria.fr",
        "https://pages.gitlab.io/x",
        "https://docs.google.com/x",
        "https://www.facebook.com/x",
        "https://fr.wikipedia.org/wiki/X",
        "https://tool.herokuapp.com",
        "https://tool.readthedocs.io",
        "no address",
    ],
)
def test_a_host_of_many_identifies_none(url: str) -> None:
    assert is_shared_host(url)


@pytest.mark.parametrize("url", ["https://decidim.org", "https://www.example.org", "https://notgithub.io"])
def test_a_site_of_its_own_is_not_shared(url: str) -> None:
    assert not is_shared_host(url)


@pytest.mark.parametrize(
    ("url", "forge"),
    [
        ("https://github.com/a/b", "github"),
        ("https://gitlab.inria.fr/a/b", "gitlab"),
        ("https://framagit.org/a/b", "gitlab"),
        ("https://codeberg.org/a/b", "forgejo"),
        ("https://gitea.example.org/a/b", "forgejo"),
        ("https://bitbucket.org/a/b", "bitbucket"),
        ("https://git.example.org/a/b", None),
        ("nothing", None),
    ],
)
def test_a_forge_is_told_by_its_host(url: str, forge: str | None) -> None:
    assert forge_of(url) == forge


def test_a_host_is_lower_cased_and_bare() -> None:
    assert host_of("https://WWW.Example.ORG/x") == "example.org"
    assert host_of("nothing") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" https://example.org/a ", "https://example.org/a"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("example.org", None),
        ("https://localhost", None),
        ("https://exa mple.org", None),
        ("https://example.org/\0", None),
        ("https://example.org/\ud800", None),
        ("ftp://example.org", None),
        (7, None),
        (None, None),
    ],
)
def test_an_address_is_shown_as_written_or_not_at_all(text: object, address: str | None) -> None:
    assert web_address(text) == address
