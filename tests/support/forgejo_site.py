"""A small simulated Forgejo for the source that asks one: a few invented repositories."""

from __future__ import annotations

from demo.exchange import Host
from demo.forgejo_store import Account, ForgejoStore, Repository
from demo.sim_forgejo import Forgejo

HOST = "forge.example"
_PUBLICCODE = """publiccodeYmlVersion: '0.4'
name: Town Ledger
url: https://forge.example/town/ledger
platforms: [web]
categories: [budgeting]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: The town's accounts, for everybody to read.
    features: [reading]
legal:
  license: EUPL-1.2
maintenance:
  type: internal
localisation:
  localisationReady: true
  availableLanguages: [en]
"""


def forgejo() -> dict[str, Host]:
    """An organisation with a tool, a person's fork of it, a mirror, an archived tool and an empty repository."""
    ledger = Repository(
        id=1,
        owner="town",
        name="ledger",
        description="Accounts of a town",
        website="https://ledger.town.example/",
        created_at="2020-02-01T10:00:00Z",
        updated_at="2026-03-01T10:00:00Z",
        stars=3,
        topics=("open-data",),
        languages={"Go": 900, "HTML": 100},
        release=("v1.2", "2026-02-01T10:00:00Z"),
        files={"publiccode.yml": _PUBLICCODE},
    )
    times = {"created_at": "2021-01-01T00:00:00Z", "updated_at": "2022-01-01T00:00:00Z"}
    fork = Repository(id=2, owner="someone", name="ledger", parent="town/ledger", files={"a": "b"}, **times)
    mirror = Repository(
        id=3,
        owner="town",
        name="decidim",
        mirror=True,
        original_url="https://github.com/decidim/decidim.git",
        files={"a": "b"},
        **times,
    )
    old = Repository(id=4, owner="town", name="old", archived=True, files={"a": "b"}, **times)
    soon = Repository(id=5, owner="town", name="soon", **times)
    accounts = [
        Account(login="town", full_name="Town of Examples", location="Italy"),
        Account(login="someone", organisation=False, full_name="A Person"),
    ]
    return {HOST: Forgejo(HOST, ForgejoStore([ledger, fork, mirror, old, soon], accounts))}
