"""What no database can keep is refused, in every address and form of the route table, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from pages_site import HASHES, ROLES, Site, served

from harvester.catalogue import Catalogue

NUL, HALF = "\0", "\ud800"
FURTHER = {"q", "page", "license"}
"""Parameters that pages read by themselves."""


def _people(catalogue: Catalogue) -> None:
    for role in ROLES:
        catalogue.accounts.add(role, HASHES[role], role)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path / "data", filled=False, prepared=True, database=database_url) as opened:
        _people(opened.catalogue)
        yield opened


def routes(site: Site) -> list[APIRoute]:
    """All but the end of a session."""
    return [route for route in site.app.routes if isinstance(route, APIRoute) and not route.path.endswith("/logout")]


def address(route: APIRoute, **values: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], "en" if found[1] == "language" else "1"), route.path)


def test_a_nul_in_a_part_or_parameter_of_any_address_is_refused(site: Site) -> None:
    asking, asked = site.visitor("operator"), 0
    for route in routes(site):
        method = "POST" if "POST" in route.methods else "GET"
        parts = re.findall(r"{(\w+)}", route.path)
        names = {one.alias for one in route.dependant.query_params} | FURTHER
        odd = [
            address(route, **{part: f"x%00{end}"}) for part in parts for end in ("", "y")[: 1 + (part != "language")]
        ]
        odd += [f"{address(route)}?{name}={value}" for name in sorted(names) for value in ("a%00b",)]
        odd += [f"{address(route)}?%00=x"]
        for one in odd:
            answer = asking.request(method, site.url + one, allow_redirects=False, timeout=20)
            assert answer.status_code == 400, (method, one, answer.status_code)
            asked += 1
    assert asked > 100


def test_a_number_beyond_every_row_is_refused_or_unknown(site: Site) -> None:
    asking, asked = site.visitor("operator"), 0
    on_sqlite = site.catalogue.database.engine.dialect.name == "sqlite"
    numbers = (2**63, "9" * 4400) if on_sqlite else (2**63,)  # so many digits reach no database: Python refuses them
    for route in routes(site):
        method = "POST" if "POST" in route.methods else "GET"
        names = {one.alias for one in route.dependant.query_params} | FURTHER - {"q"}
        for number in numbers:
            odd = [
                address(route, **{part: str(number)})
                for part in re.findall(r"{(\w+)}", route.path)
                if part != "language"
            ]
            odd += [f"{address(route)}?{name}={number}" for name in sorted(names)]
            for one in odd:
                answer = asking.request(method, site.url + one, allow_redirects=False, timeout=20)
                assert answer.status_code < 500, (method, one[:100], answer.status_code)
                assert answer.status_code == 400 or "{run_id}" not in route.path or "?" in one, (one[:100], answer)
                asked += 1
    assert asked > 150


def test_a_form_that_holds_no_text_does_nothing(site: Site) -> None:
    before = site.catalogue.audit.count()
    asking, asked = site.visitor("operator"), 0
    for route in (one for one in routes(site) if "POST" in one.methods):
        names = {one.alias for one in route.dependant.body_params} | {"any"}
        refused = 401 if route.path.startswith("/api/") else 400  # an act of a program needs a token before all else
        for name in sorted(names):
            answer = asking.post(site.url + address(route), data={name: f"a{NUL}b"}, allow_redirects=False, timeout=20)
            assert answer.status_code == refused, (route.path, name, answer.status_code)
            whole = f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\na+2AA-b\r\n--x--\r\n'
            kind = {"content-type": "multipart/form-data; boundary=x; charset=utf-7"}
            half = asking.post(site.url + address(route), data=whole, headers=kind, allow_redirects=False, timeout=20)
            assert half.status_code == refused, (route.path, name, half.status_code)  # half of a character, in UTF-7
            asked += 2
            told = {name: str(2**63)}
            large = asking.post(site.url + address(route), data=told, allow_redirects=False, timeout=20)
            assert large.status_code < 500, (route.path, name)
    assert asked > 20
    assert site.catalogue.audit.count() == before


def test_an_error_of_the_database_tells_no_values(catalogue: Catalogue) -> None:
    with pytest.raises(sa.exc.DBAPIError) as broke, catalogue.database.read() as connection:
        connection.execute(sa.text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": "a secret"})
    assert "a secret" not in str(broke.value)
