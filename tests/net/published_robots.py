"""What the authors of a widely used reader of robots.txt expect of any reader, told in tables of our own.

Every expectation on "may this agent ask for this address" of google/robotstxt's robots_test.cc is here, under the name
of its test there: (test, rules, {agent: (paths that are allowed, paths that are forbidden)}). Rules are lines parted by
";". Its other expectations are on that reader's own insides.
"""

from __future__ import annotations

Expected = dict[str, tuple[str, str]]

_LONGEST = 2083 * 8
"""Bytes of a line that are read, of which a pattern has what its key leaves."""


def _long(key: str, letter: str) -> str:
    """A path that is cut off one sign later."""
    start = "/x/"
    return start + letter * (_LONGEST - len(f"{key}: ") + 1 - 2 * len(start))


_ONE, _OTHER = _long("allow", "a"), _long("allow", "b")
_CUT = _long("disallow", "a")
_FISH = "/fish /fish.html /fish/salmon.html /fishheads /fishheads/yummy.html /fish.html?id=anything"
_NO_FISH = "/bar /Fish.asp /catfish /?id=fish"
_SAID = ("USER-AGENT: Ant;ALLOW: /x/;DISALLOW: /", "user-agent: Ant;allow: /x/;disallow: /")
_NAMED = ("FOO BAR", "foo bar", "FoO bAr")

PUBLISHED: list[tuple[str, str, Expected]] = [
    ("SystemTest", "", {"Ant": ("-", ""), "": ("-", "")}),
    ("SystemTest", "user-agent: Ant;disallow: /", {"": ("-", ""), "Ant": ("", "-")}),
    ("Line", "user-agent: Ant;disallow: /", {"Ant": ("", "/x/y")}),
    ("Line", "one: Ant;other: /", {"Ant": ("/x/y", "")}),
    ("Line", "user-agent Ant;disallow /", {"Ant": ("", "/x/y")}),
    (
        "Groups",
        "allow: /a/b/;;user-agent: Ant;disallow: /;allow: /x/;user-agent: Bee;disallow: /;allow: /y/;;;allow: /w/;"
        "user-agent: Cat;;user-agent: Ant;allow: /z/;disallow: /",
        {"Ant": ("/x/b /z/d", "/y/c /a/b/"), "Bee": ("/y/c /w/a", "/z/d /a/b/"), "Cat": ("/z/d", "/a/b/")},
    ),
    (
        "Groups_OtherRules",
        "User-agent: Bee;Sitemap: https://site.example/map;User-agent: *;Disallow: /",
        {"Ant": ("", "/"), "Bee": ("", "/")},
    ),
    (
        "Groups_OtherRules",
        "User-agent: Ant;Nobody-Knows-This: word;User-agent: *;Disallow: /",
        {"Ant": ("", "/"), "Bee": ("", "/")},
    ),
    *(("LineNames", said, {"Ant": ("/x/y", "/a/b")}) for said in (*_SAID, "uSeR-aGeNt: Ant;AlLoW: /x/;dIsAlLoW: /")),
    *(
        ("UserAgentValue", f"User-Agent: {named};Allow: /x/;Disallow: /", {agent: ("/x/y", "/a/b")})
        for named in _NAMED
        for agent in ("Foo", "foo")
    ),
    (
        "UpToFirstSpace",
        "User-Agent: *;Disallow: /;User-Agent: Foo Bar;Allow: /x/;Disallow: /",
        {"Foo": ("/x/y", ""), "Foo Bar": ("", "/x/y")},
    ),
    ("GlobalGroups", "", {"Ant": ("/x/y", "")}),
    ("GlobalGroups", "user-agent: *;allow: /;user-agent: Ant;disallow: /", {"Ant": ("", "/x/y"), "Bee": ("/x/y", "")}),
    (
        "GlobalGroups",
        "user-agent: Ant;allow: /;user-agent: Bee;disallow: /;user-agent: Cat;disallow: /",
        {"Dog": ("/x/y", "")},
    ),
    ("CaseSensitive", "user-agent: Ant;disallow: /x/", {"Ant": ("", "/x/y")}),
    ("CaseSensitive", "user-agent: Ant;disallow: /X/", {"Ant": ("/x/y", "")}),
    ("LongestMatch", "user-agent: Ant;disallow: /x/page.html;allow: /x/", {"Ant": ("", "/x/page.html")}),
    ("LongestMatch", "user-agent: Ant;allow: /x/page.html;disallow: /x/", {"Ant": ("/x/page.html", "/x/")}),
    ("LongestMatch", "user-agent: Ant;disallow: ;allow: ", {"Ant": ("/x/page.html", "")}),
    ("LongestMatch", "user-agent: Ant;disallow: /;allow: /", {"Ant": ("/x/page.html", "")}),
    ("LongestMatch", "user-agent: Ant;disallow: /x;allow: /x/", {"Ant": ("/x/", "/x")}),
    ("LongestMatch", "user-agent: Ant;disallow: /x/page.html;allow: /x/page.html", {"Ant": ("/x/page.html", "")}),
    ("LongestMatch", "user-agent: Ant;allow: /page;disallow: /*.html", {"Ant": ("/page", "/page.html")}),
    ("LongestMatch", "user-agent: Ant;allow: /x/page.;disallow: /*.html", {"Ant": ("/x/page.html", "/x/y.html")}),
    (
        "LongestMatch",
        "User-agent: *;Disallow: /x/;User-agent: Ant;Disallow: /y/",
        {"Ant": ("/x/page", "/y/page")},
    ),
    (
        "Encoding",
        "User-agent: Ant;Disallow: /;Allow: /a/b?c=d&e=http://site.example?f&g",
        {"Ant": ("/a/b?c=d&e=http://site.example?f&g", "")},
    ),
    ("Encoding", "User-agent: Ant;Disallow: /;Allow: /a/b/ツ", {"Ant": ("/a/b/%E3%83%84", "/a/b/ツ")}),
    ("Encoding", "User-agent: Ant;Disallow: /;Allow: /a/b/%E3%83%84", {"Ant": ("/a/b/%E3%83%84", "/a/b/ツ")}),
    ("Encoding", "User-agent: Ant;Disallow: /;Allow: /a/b/%62%61%7A", {"Ant": ("/a/b/%62%61%7A", "/a/b/baz")}),
    (
        "SpecialCharacters",
        "User-agent: Ant;Disallow: /a/b/quz;Allow: /a/*/qux",
        {"Ant": ("/a/quz /a//quz /a/bax/quz", "/a/b/quz")},
    ),
    (
        "SpecialCharacters",
        "User-agent: Ant;Disallow: /a/b$;Allow: /a/b/qux",
        {"Ant": ("/a/b/qux /a/b/ /a/b/baz", "/a/b")},
    ),
    (
        "SpecialCharacters",
        "User-agent: Ant;# Disallow: /;Disallow: /a/quz#qux;Allow: /",
        {"Ant": ("/a/b", "/a/quz")},
    ),
    (
        "IndexHTMLisDirectory",
        "User-Agent: *;Allow: /open/index.html;Disallow: /",
        {"ant": ("/open/ /open/index.html", "/open/index.htm /other")},
    ),
    ("LineTooLong", f"user-agent: Ant;disallow: {_CUT}/end", {"Ant": ("/fux", f"{_CUT}/fux")}),
    (
        "LineTooLong",
        f"user-agent: Ant;disallow: /;allow: {_ONE}/end;allow: {_OTHER}/end",
        {"Ant": (f"{_ONE}/end {_OTHER}/fux", "/")},
    ),
    ("Documentation", "user-agent: Ant;disallow: /;allow: /fish", {"Ant": (_FISH, _NO_FISH)}),
    ("Documentation", "user-agent: Ant;disallow: /;allow: /fish*", {"Ant": (_FISH, _NO_FISH)}),
    (
        "Documentation",
        "user-agent: Ant;disallow: /;allow: /fish/",
        {
            "Ant": (
                "/fish/ /fish/salmon /fish/?salmon /fish/salmon.html /fish/?id=anything",
                "/bar /fish /fish.html /Fish/Salmon.html",
            )
        },
    ),
    (
        "Documentation",
        "user-agent: Ant;disallow: /;allow: /*.php",
        {
            "Ant": (
                "/name.php /a/name.php /a/name.php?words //a/any.php.file.html /name.php/ /index?f=name.php/",
                "/bar /php/ /index?php /windows.PHP",
            )
        },
    ),
    (
        "Documentation",
        "user-agent: Ant;disallow: /;allow: /*.php$",
        {
            "Ant": (
                "/name.php /a/name.php",
                "/bar /name.php?words /name.php/ /name.php5 /php/ /name?php /aaaphpaaa //windows.PHP",
            )
        },
    ),
    (
        "Documentation",
        "user-agent: Ant;disallow: /;allow: /fish*.php",
        {"Ant": ("/fish.php /fishheads/catfish.php?words", "/bar /Fish.PHP")},
    ),
    ("Documentation", "user-agent: Ant;allow: /p;disallow: /", {"Ant": ("/page", "")}),
    ("Documentation", "user-agent: Ant;allow: /folder;disallow: /folder", {"Ant": ("/folder/page", "")}),
    ("Documentation", "user-agent: Ant;allow: /page;disallow: /*.htm", {"Ant": ("", "/page.htm")}),
    ("Documentation", "user-agent: Ant;allow: /$;disallow: /", {"Ant": ("/", "/page.html")}),
]
