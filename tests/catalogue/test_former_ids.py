"""An entry that arrives under another key is the same thing still, and known by its former id as well."""

from __future__ import annotations

from support.builders import by_name, harvest, item

from harvester.catalogue import Catalogue
from harvester.model import RawItem, Reading

REPOSITORY = "repo:https://forge.example.org/ledger"
OTHERS = [item(key) for key in ("desk", "lamp", "chair")]


def _entry(key: str, *names: str) -> tuple[RawItem, Reading]:
    return item(key, name="Ledger", names=[*names, f"catalogue:register:{key}"])


def _ids(catalogue: Catalogue, name: str = "Ledger") -> list[str]:
    return [str(one) for one in by_name(catalogue, name).identifiers]


def test_the_id_under_the_former_key_stays_an_alias(catalogue: Catalogue) -> None:
    harvest(catalogue, [_entry("12", REPOSITORY), *OTHERS], "register")
    before = by_name(catalogue, "Ledger")
    for _ in range(3):
        harvest(catalogue, [_entry("ledger", REPOSITORY), *OTHERS], "register")
    after = by_name(catalogue, "Ledger")
    assert after.id == before.id
    assert _ids(catalogue) == [REPOSITORY, "catalogue:register:ledger", "catalogue:register:12"]


def test_an_id_that_another_entry_has_today_is_no_alias(catalogue: Catalogue) -> None:
    harvest(catalogue, [_entry("12", REPOSITORY), *OTHERS], "register")
    for _ in range(2):
        harvest(catalogue, [_entry("ledger", REPOSITORY), *OTHERS], "register")
    harvest(catalogue, [_entry("ledger", REPOSITORY), item("12", names=["catalogue:register:12"]), *OTHERS], "register")
    assert _ids(catalogue) == [REPOSITORY, "catalogue:register:ledger"]
    assert _ids(catalogue, "12") == ["catalogue:register:12"]


def test_an_entry_that_another_source_knows_still_is_no_alias_of_it(catalogue: Catalogue) -> None:
    harvest(catalogue, [_entry("12", REPOSITORY), *OTHERS], "register")
    harvest(catalogue, [item("ledger", name="Ledger", names=[REPOSITORY])], "forge")
    for _ in range(2):
        harvest(catalogue, OTHERS, "register")
    assert _ids(catalogue) == [REPOSITORY]
