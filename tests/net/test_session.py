"""The forges' sessions and Scrapy's gate bound what comes in and let no secret out."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
import requests
from bombs import drip

from harvester.errors import FetchError
from harvester.net import Limits, Net, Remembered
from harvester.net.counting import MOST_GROUPS, Counting

LOCAL = ("127.0.0.1", "127.0.0.2")
SECRET = "ghp_0123456789secret"
QUICK = Limits(spacing_s=0, api_spacing_s=0, answer_s=1.0, read_s=0.5)


class Kept:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.answers: dict[str, Remembered] = {}

    def recall(self, url: str) -> Remembered | None:
        return self.answers.get(url)

    def remember(self, url: str, answer: Remembered) -> None:
        self.answers[url] = answer


def session(**options: Any) -> requests.Session:
    return Net("CivicHarvester/test", allow=LOCAL, limits=QUICK, **options).session("test")


def test_a_dripping_answer_ends(serve) -> None:
    site = serve({"/": drip})
    with pytest.raises(FetchError, match="took longer than 1 s"):
        session().get(site.url())


def test_a_dripping_head_ends_and_is_no_answer(serve) -> None:
    def drip_head(handler: Any) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 600:
            handler.wfile.write(bytes([letter]))
            time.sleep(0.1)

    with pytest.raises(requests.Timeout):
        session().get(serve({"/": drip_head}).url())


def test_a_session_never_waits_for_ever(serve) -> None:
    site = serve({"/": lambda _: (time.sleep(2), None)[1]})
    with pytest.raises(requests.Timeout):
        session().get(site.url())


def test_redirects_end_after_ten(serve) -> None:
    site = serve({"*": (302, {"Location": "/again"}, b"")})
    with pytest.raises(requests.TooManyRedirects):
        session().get(site.url())
    assert len(site.hits) == 11


def test_scrapy_follows_ten_redirects(serve, crawl) -> None:
    site = serve({"*": (302, {"Location": "/again"}, b"")})
    limits = {"spacing_s": 0, "api_spacing_s": 0}
    asked = {"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"], "limits": limits}, "urls": [site.url()]}
    result = crawl(asked)
    assert (len(site.hits), len(result["failed"])) == (11, 1)


@pytest.mark.parametrize("header", ["Authorization", "PRIVATE-TOKEN", "JOB-TOKEN", "x-api-key", "X-Whatever-Proves-It"])
def test_no_credential_follows_a_redirect_to_another_host(serve, header: str) -> None:
    other = serve({"/": (200, {}, b"")}, host="127.0.0.2")
    site = serve({"/away": (302, {"Location": other.url()}, b""), "/here": (302, {"Location": "/end"}, b"")})
    client = session()
    client.get(site.url("/away"), headers={header: SECRET})
    client.get(site.url("/here"), headers={header: SECRET})
    assert SECRET not in str(other.hits)
    assert site.hits[-1].path == "/end"
    assert site.hits[-1].headers[header.lower()] == SECRET


def test_cookies_are_not_kept(serve) -> None:
    site = serve({"/": (200, {"Set-Cookie": "id=1"}, b"")})
    client = session()
    client.get(site.url())
    client.get(site.url())
    assert "cookie" not in site.hits[1].headers


def test_proxies_and_passwords_of_the_environment_are_not_used(serve, monkeypatch, tmp_path) -> None:
    site = serve({"/": (200, {}, b"direct")})
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert session().get(site.url()).text == "direct"
    assert "authorization" not in site.hits[0].headers


def test_a_token_is_in_no_log_message_or_count(serve, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    site = serve({"/ok": (200, {}, b""), "/slow": (500, {}, b"")})
    net = Net("CivicHarvester/test", allow=LOCAL, limits=QUICK)
    client = net.session("test")
    told = []
    for url in (site.url("/ok"), site.url("/slow"), "http://127.0.0.1:1/", "http://10.0.0.1/"):
        try:
            client.get(url, headers={"Authorization": f"Bearer {SECRET}", "PRIVATE-TOKEN": SECRET})
        except (FetchError, requests.RequestException) as error:
            told.append(f"{error!r} {error}")
    assert len(told) == 2
    assert SECRET not in caplog.text + str(told) + str(net.spent())


def test_scrapy_logs_no_secret_of_the_environment(serve, crawl) -> None:
    site = serve({"/": (500, {}, b"")})
    limits = {"spacing_s": 0, "api_spacing_s": 0, "back_off_s": 0.01}
    asked = {"source": {"spider": "api_probe"}, "net": {"allow": ["127.0.0.1"], "limits": limits}, "urls": [site.url()]}
    result = crawl(asked, environment={"HARVESTER_GITHUB_TOKEN": SECRET})
    assert SECRET not in str(result)


def test_an_unchanged_answer_costs_a_304_and_reads_like_the_first(serve) -> None:
    site = serve()

    def revalidated(handler: Any) -> tuple[int, dict[str, str], bytes]:
        same = handler.headers.get("If-None-Match") == '"v1"'
        headers = {"ETag": '"v1"', "Content-Type": "application/json", "Link": '<?page=2>; rel="next"'}
        return (304, {"ETag": '"v1"'}, b"") if same else (200, headers, b'{"a": "\xc3\xa9"}')

    site.answers = {"/things": revalidated}
    memory = Kept()
    first = session(memory=memory).get(site.url("/things"))
    again = session(memory=memory).get(site.url("/things"))
    assert site.hits[1].headers["if-none-match"] == '"v1"'
    assert (again.status_code, again.json(), again.links) == (200, first.json(), first.links)


def test_scrapy_answers_an_unchanged_api_page_from_memory(serve, crawl) -> None:
    site = serve({"/": (304, {}, b"")})
    known = {
        "etag": '"v1"',
        "last_modified": None,
        "status": 200,
        "headers": {"content-type": "text/plain"},
        "body": "kept",
    }
    net = {"allow": ["127.0.0.1"], "memory": {site.url(): known}}
    result = crawl({"source": {"spider": "api_probe"}, "net": net, "urls": [site.url()]})
    assert site.hits[0].headers["if-none-match"] == '"v1"'
    assert [(seen["status"], seen["body"]) for seen in result["seen"]] == [(200, "kept")]


def test_only_good_answers_with_validators_are_remembered(serve) -> None:
    tag = {"ETag": '"v1"'}
    site = serve(
        {
            "/plain": (200, {}, b""),
            "/error": (500, tag, b""),
            "/private": (200, {**tag, "Cache-Control": "no-store"}, b""),
            "/tagged": (200, {**tag, "Set-Cookie": "id=1", "X-RateLimit-Remaining": "7"}, b""),
        }
    )
    memory = Kept()
    client = session(memory=memory)
    for path in site.answers:
        client.get(site.url(path))
    client.post(site.url("/tagged"))
    assert list(memory.answers) == [site.url("/tagged")]
    assert not {"set-cookie", "x-ratelimit-remaining"} & set(memory.answers[site.url("/tagged")].headers)


def test_counts_are_few_and_hold_no_queries() -> None:
    counting = Counting()
    counting.count(f"https://api.github.com/repos/a/b?token={SECRET}")
    counting.count("https://api.github.com/graphql")
    counting.count("https://gitlab.example/api/v4/projects/12/languages")
    counting.count("https://user:word@site.example/list?x=1")
    counting.count("https://site.example/robots.txt")
    assert dict(counting.spent()) == {
        "api.github.com rest /repos": 1,
        "api.github.com graphql": 1,
        "gitlab.example rest /projects": 1,
        "site.example pages": 1,
        "site.example robots": 1,
    }
    for number in range(2 * MOST_GROUPS):
        counting.count(f"https://{number}.example/")
    assert len(counting.spent()) <= MOST_GROUPS + 1
    assert sum(counting.spent().values()) == 5 + 2 * MOST_GROUPS
