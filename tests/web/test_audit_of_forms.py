"""Every form that changes something leaves its line in the audit: found in the table of routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyotp
from pages_site import PASSWORD, Site
from support.builders import begin, by_name, harvest, item

from harvester.catalogue.people import SESSION_IDLE
from harvester.model import Checked, CheckFinding, Judgement, Page, Reason, Unit
from harvester.web.identity import token_hash

SESSIONS = {"/{language}/login", "/{language}/login/code", "/{language}/logout", "/{language}/review/leave"}
"""They begin and end a session or a claim, and change nothing that outlives it."""
LOOKS = {"/{language}/operations/previews", "/{language}/operations/sources/{source}/check"}
"""They ask what a source holds and whether it is there, and change nothing of it."""


def _held(site: Site) -> int:
    """A suspicious run that an operator may accept."""
    items = [item(f"tool-{n}") for n in range(3)]
    harvest(site.catalogue, items, "held")
    run = begin(site.catalogue, "held")
    unit = site.catalogue.harvest.open_units(run.id, run.attempt, [Unit("all")])[0]
    site.catalogue.harvest.store(run.id, run.attempt, [(Page(unit=unit), items[:1])])
    said: dict[str, Any] = {"judgement": Judgement.SUSPICIOUS, "reasons": (Reason.of("judged.held", n=2),)}
    site.catalogue.runs.finish(run.id, run.attempt, counts=site.catalogue.harvest.counts(run.id), spent={}, **said)
    return run.id


def _at_the_desk(site: Site, send: Callable[..., None]) -> None:
    catalogue, here = site.catalogue, "/{language}/review/{software_id}/"
    both = [item(f"both-{n}", name="Both", names=["repo:https://forge.example.org/both"]) for n in (1, 2)]
    harvest(catalogue, [*both, item("beside", name="Beside")], "shown", trusted=True)
    tool, other = by_name(catalogue, "Both").id, by_name(catalogue, "Beside").id
    form = {"field": "license", "operation": "set", "value": "MIT", "why": "its file says so"}
    send(f"{here}correct", "decision set", form, software_id=tool)
    send(f"{here}relate", "decision relate", {"type": "part", "other": other}, software_id=tool)
    record = str(max(catalogue.software.provenance(tool)))
    send(f"{here}split", "decision split", {"record": record}, software_id=tool)
    send(f"{here}merge", "decision same", {"other": other}, software_id=tool)
    send(f"{here}pin", "decision pin", {"question": "petitions", "why": "cities ask"}, software_id=tool)
    withdraw = here + "{verdict}"
    send(withdraw, "decision withdraw", {"why": "asked"}, software_id=tool, verdict="withdraw")
    send(f"{here}reopen", "decision withdraw undone", software_id=tool)


def _what_visitors_say(site: Site, send: Callable[..., None]) -> None:
    tool = site.catalogue.software.published(1)[0].id
    site.app.state.house.senders.delay_s = 0
    proposal = {"address": "https://codeberg.org/town/forms"}
    send("/{language}/propose", "voice heard", proposal, by="visitor")
    use = {"software": tool, "organisation": "A city", "evidence": "https://city.example.org/tools"}
    send("/{language}/propose/use", "voice heard", use, by="visitor")
    send(
        "/{language}/propose/wrong", "voice heard", {"software": tool, "field": "license", "words": "no"}, by="visitor"
    )
    place, first = "/{language}/review/voices/{matter_id}/{verdict}", site.catalogue.voices.listed(1)[0].id
    send(place, "voice accepted", matter_id=first, verdict="accept")
    send(place, "voice accepted undone", matter_id=first, verdict="undo")
    send(place, "voice refused", {"reason": "listed"}, matter_id=first, verdict="refuse")


def test_every_form_leaves_its_line(fresh_site: Site) -> None:
    catalogue, operator = fresh_site.catalogue, fresh_site.visitor("operator")
    seen = SESSIONS | LOOKS

    def send(
        route: str,
        action: str,
        form: dict[str, str] | None = None,
        *,
        by: str = "operator",
        status: int = 303,
        **place: object,
    ) -> None:
        before = catalogue.audit.count()
        address = fresh_site.url + route.format(language="en", **place)
        assert operator.post(address, data=form, timeout=10, allow_redirects=False).status_code == status, address
        new = catalogue.audit.recent(catalogue.audit.count() - before)
        assert [line.action for line in new if line.actor == by] == [action], address
        seen.add(route)

    one, two, three, *_ = catalogue.review.queue()
    verdict, undo = "/{language}/review/{software_id}/{verdict}", "/{language}/review/undo"
    send(verdict, "decision accept", software_id=one.id, verdict="accept")
    decision = catalogue.review.last_decision("operator")
    assert decision is not None
    send(undo, "decision accept undone", {"decision": str(decision.id)})
    send(verdict, "decision reject", {"reason": "not-civic"}, software_id=one.id, verdict="reject")
    send(verdict, "decision defer", software_id=two.id, verdict="defer")
    send(verdict, "decision unsure", software_id=two.id, verdict="unsure")
    made, edited = "/{language}/review/collections", "/{language}/review/collections/{slug}"
    send(made, "collection made", {"title-en": "Petitions"})
    send(edited, "collection changed", {"title-en": "Votes"}, slug="petitions")
    send(edited, "collection removed", {"remove": "1"}, slug="petitions")
    saved = "/{language}/review/saved"
    send(saved, "filter saved", {"name": "new ones", "query": "kind=new"})
    send(saved, "filter removed", {"remove": "new ones"})
    bulk = {"id": three.id, "opened": three.id, "verdict": "defer"}
    send("/{language}/review/together", "decision defer", bulk)
    send(verdict, "decision different", {"other": three.id}, software_id=two.id, verdict="different")
    send(verdict, "decision same", {"other": three.id}, software_id=two.id, verdict="same")
    _at_the_desk(fresh_site, send)
    _what_visitors_say(fresh_site, send)
    run = "/{language}/operations/sources/{source}/run"
    send(run, "run queued", source="silent")
    queued = catalogue.runs.recent("silent", 1)[0].id
    send("/{language}/operations/runs/{run_id}/stop", "run stopped", run_id=queued)
    send("/{language}/operations/runs/{run_id}/accept", "run accepted", run_id=_held(fresh_site))
    source = "/{language}/operations/sources/{source}"
    send("/{language}/operations/offers", "source added", {"name": "sill"})
    send(f"{source}/edit", "source changed", {"title": "Another title", "schedule": "30 4 * * *"}, source="sill")
    of_kind = {"name": "ghent", "title": "Ghent", "p.groups": "ghent"}
    send("/{language}/operations/kinds/{kind}", "source added", of_kind, kind="gitlab")
    params = {"p.groups": "ghent\ndemo", "sure": "yes"}
    send(f"{source}/parameters", "source changed", params, source="ghent")
    send(f"{source}/pause", "source changed", {"days": "7"}, source="sill")
    for change in ("resume", "accept", "off", "on", "trust", "untrust"):
        send(f"{source}/change/{{change}}", "source changed", source="sill", change=change)
    found = {"by": "clock", "finding": CheckFinding.DEAD, "proposed": {"enabled": False}}
    catalogue.checks.keep(Checked(source="sill", at=datetime.now(UTC), **found))  # type: ignore[arg-type]
    send(f"{source}/change/{{change}}", "source changed", source="sill", change="mend")
    for change, said in (("take-back", "taken back"), ("remove", "removed"), ("give-back", "given back")):
        send(f"{source}/change/{{change}}", f"source {said}", source="sill", change=change)
    accounts = "/{language}/operations/accounts"
    for change, said in (("operator", "role"), ("reviewer", "role"), ("disable", "disabled"), ("enable", "enabled")):
        send(accounts, f"account {said}", {"login": "reviewer", "change": change})
    fresh_site.visitor("operator")
    send("/{language}/review/account/sessions", "sessions ended", {"session": "others"})
    password = {"old": PASSWORD, "new": "vélo rouge sous la pluie", "again": "vélo rouge sous la pluie"}
    send("/{language}/review/account/password", "account password", password)
    mine, made = "/{language}/review/account/tokens", {"name": "nightly", "scope": "read"}
    for ending in (f"{mine}/end", f"{accounts}/tokens"):
        send(mine, "token made", {**made, "password": "vélo rouge sous la pluie"}, status=200)
        send(ending, "token ended", {"token": catalogue.tokens.all()[0].id})
    links = f"{accounts}/links"
    send(links, "invitation made", {"change": "invite", "role": "reviewer"}, status=200)
    send(links, "reset link made", {"change": "reset", "login": "reviewer"}, status=200)
    for one in catalogue.links.all():
        send(links, "link withdrawn", {"change": "withdraw", "link": one.id})
    catalogue.links.invite(token_hash("token"), "reviewer", datetime.now(UTC) + SESSION_IDLE, actor="operator")
    chosen = {"login": "guest", "new": PASSWORD, "again": PASSWORD}
    send("/{language}/join/{token}", "account set", chosen, by="guest", token="token")
    fresh_site.sign_in(operator, "operator", "vélo rouge sous la pluie")
    factor, password = "/{language}/review/account/factor", {"password": "vélo rouge sous la pluie"}
    send(factor, "second factor begun", {"change": "begin", **password})
    begun = catalogue.factors.of("operator")
    assert begun is not None
    code = pyotp.TOTP(begun.secret).now()
    send(factor, "second factor on", {"change": "confirm", "code": code}, status=200)
    send(factor, "recovery codes made", {"change": "codes", **password}, status=200)
    send(factor, "second factor off", {"change": "off", **password})
    forms = {path for method, path in fresh_site.app.state.rules if method not in ("GET", "HEAD")}
    # what programs do by a token does the same as these: tests/web/test_tokens_of_programs.py
    assert seen == {path for path in forms if not path.startswith("/api/")}
