"""`python declared_house.py FOLDER INDEX ALIAS`: what a house shows that declares one field and one facet more.

Run by test_declared_once.py on a copy of the house. Prints JSON: what stands in each place, for the test to judge.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from pages_site import HASHES, served
from support.builders import by_name, harvest, item

from harvester.catalogue import codec
from harvester.model import Fields
from harvester.resolve.values import from_json, to_json
from harvester.search import elastic_engine

elastic_engine.ANSWER_S = 60.0  # pages give up sooner; what else the machine does is not what is asked here


def told(folder: Path, index: str, alias: str) -> dict[str, Any]:
    """What the house says of a software whose new field two sources state differently, and of one without it."""
    with served(folder, filled=False, index=index, index_name=alias) as site:
        site.catalogue.accounts.add("reviewer", HASHES["reviewer"], "reviewer")
        names = ["repo:https://forge.example.org/ledger"]
        sure = [
            item("ledger", name="Ledger", names=names, priority=60, maturity="proven"),
            item("desk", name="Desk"),
        ]
        other = item("ledger", name="Ledger", names=names, maturity="fresh")
        harvest(site.catalogue, sure, "register", trusted=True)
        harvest(site.catalogue, [other], "forge", trusted=True)
        harvest(site.catalogue, [item("new", name="New", maturity="raw")], "unknown")
        site.refresh()
        ledger = by_name(site.catalogue, "Ledger")
        listed = site.get("/api/v1/software?maturity_level=proven").json()
        answer = site.get("/en/software.csv?maturity_level=proven")
        answer.encoding = "utf-8"
        return {
            "back": codec.load(Fields, codec.dump(Fields(maturity="x"))).maturity,
            "from_json": from_json("maturity", to_json("proven")),
            "merged": ledger.fields.maturity,
            "evidence": sorted((one.value, one.source, one.chosen) for one in ledger.evidence["maturity"]),
            "record": site.get(f"/en/software/{ledger.id}/{ledger.slug}").text,
            "review": site.get("/en/review", "reviewer").text,
            "page": site.get("/en/software?maturity_level=proven").text,
            "french": site.get("/fr/software?maturity_level=proven").text,
            "found": site.get("/api/v1/software?q=proven").json()["total"],
            "unknown": site.get("/api/v1/software?maturity_level=unknown").json()["total"],
            "listed": listed,
            "entry": site.get(f"/api/v1/software/{ledger.id}").json(),
            "csv": list(csv.DictReader(io.StringIO(answer.text))),
            "openapi": site.get("/openapi.json").json(),
        }


if __name__ == "__main__":
    print(json.dumps(told(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
