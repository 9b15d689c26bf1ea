"""Organisations as entities: made of what published softwares say after each harvest, and read for pages.

A body keeps its id while any of its addresses or names is known; of two that turn out to be one, the other's id and
slug lead to the one that goes on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json

from harvester.assess.organisations import address_of, is_known
from harvester.assess.words import fold
from harvester.catalogue import codec, schema
from harvester.catalogue.database import Database, chunks
from harvester.catalogue.software import mint, slug, unique
from harvester.errors import NotFound
from harvester.model import Body, BodyLink, BodyPage, BodyRole, Organisation, RelationType, Shelf
from harvester.normalize.readers import told_by_forge
from harvester.resolve.bodies import Grouped, Mention, account_of, bodies, is_body, squashed

UNKNOWN = "unknown"
"""The value of a filter that asks for what no source tells."""
_LISTS = frozenset(("brigade-project", "codegouv-repository", "github-rest", "git-listing"))
"""Formats that list repositories by the account that holds them, beside those of forges."""
_body, _key, _link, _soft = schema.body, schema.body_key, schema.body_link, schema.software
_LinkKey = tuple[str, str, str, str, str]  # body, software, role, source, copy
_LinkRow = tuple[str, str | None, datetime | None]  # as said, url, at


@dataclass(frozen=True, slots=True)
class _Said:
    """Where a mention was said, and what it makes of its body."""

    role: BodyRole
    source: str
    as_said: str
    url: str | None
    at: datetime | None


class Organisations:
    """The bodies that make, publish, use or copied what is published."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def refresh(self) -> int:
        """Make the bodies and their links anew of what is published now; stores the difference, returns how many."""
        with self._db.read() as connection:
            counts = _counts(connection)
            mentions, said = _mentions(connection)
            copies = _copies(connection)
            groups = bodies(mentions)
            owners = dict(connection.execute(sa.select(_key.c.key, _key.c.body)).all())
            stored = {row.id: row for row in connection.execute(sa.select(_body))}
            links_before = {
                (row.body, row.software, row.role, row.source, row.copy): (row.as_said, row.url, row.at)
                for row in connection.execute(sa.select(_link))
            }
        ids = _assign(groups, owners)
        links = _links(groups, ids, mentions, said, copies)
        rows = _rows(groups, ids, links, stored)
        known = {key: ids[place] for place, group in enumerate(groups) for key in reversed(_match_keys(group))}
        keys = [{"key": key, "body": one} for key, one in known.items() if owners.get(key) != one]
        moved = [row for one, row in rows.items() if one not in stored or row != _plain_row(stored[one])]
        with self._db.write() as connection:
            if _counts(connection) == counts:  # else another process makes them: the next comparison finds what is left
                self._put(connection, moved, keys)
                for one, into in _merged(groups, ids, owners).items():
                    connection.execute(sa.update(_body).where(_body.c.id == one).values(merged_into=into, softwares=0))
                self._put_links(connection, links, links_before)
        return len(groups)

    def page(
        self,
        q: str | None = None,
        *,
        kind: str | None = None,
        country: str | None = None,
        role: str | None = None,
        number: int = 1,
        size: int = 50,
    ) -> BodyPage:
        """Bodies of published softwares, those with most first. `q`: words of any of their names; `kind` and `country`
        also take "unknown"; `role` is a BodyRole's value; `number` counts from 1."""
        shown = [_has_published(_link.c.role == role if role else sa.true()), _body.c.merged_into.is_(None)]
        shown += [_body.c.words.contains(word) for word in fold(q or "").split()]
        of_kind, of_country = _asked(_body.c.kind, kind), _asked(_body.c.country, country)
        query = sa.select(_body.c.data).where(*shown, *of_kind, *of_country)
        order = (_body.c.softwares.desc(), _body.c.name, _body.c.id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(*order).limit(size).offset((number - 1) * size)).scalars()
            return BodyPage(
                bodies=tuple([codec.load(Body, data) for data in rows]),
                total=connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one(),
                kinds=_counted(connection, _body.c.kind, (*shown, *of_country)),
                countries=_counted(connection, _body.c.country, (*shown, *of_kind)),
            )

    def names(self, most: int) -> list[tuple[str, tuple[str, ...], int]]:
        """(slug, names, how many published softwares) of the bodies with most, the name that is shown first."""
        shown = (_body.c.merged_into.is_(None), _has_published())
        query = sa.select(_body.c.slug, _body.c.data, _body.c.softwares).where(*shown)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(_body.c.softwares.desc(), _body.c.id).limit(most)).all()
        told = [(row.slug, from_json(row.data), row.softwares) for row in rows]
        return [(slug, (body["name"], *body["names"].values(), *body["also"]), n) for slug, body, n in told]

    def figures(self) -> tuple[int, int]:
        """How many bodies there are, and their softwares: what changes when bodies do."""
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_body.c.softwares), 0)).select_from(_body)
        with self._db.read() as connection:
            n, softwares = connection.execute(query).one()
        return int(n), int(softwares)

    def find(self, id_or_slug: str) -> Body:
        """A body by its id or slug, also one that a merge retired. NotFound: none that has published software."""
        with self._db.read() as connection:
            wanted, followed = id_or_slug, set()
            while wanted not in followed:
                followed.add(wanted)
                query = sa.select(_body.c.data, _body.c.merged_into, _has_published().label("shown"))
                row = connection.execute(query.where(sa.or_(_body.c.id == wanted, _body.c.slug == wanted))).first()
                if row is not None and row.merged_into:
                    wanted = row.merged_into
                elif row is not None and row.shown:
                    return codec.load(Body, row.data)
        raise NotFound(f"there is no organisation {id_or_slug!r}", remedy="look for it by its name")

    def children(self, body_id: str) -> list[Body]:
        """The bodies that are part of one, those with most software first."""
        shown = (_body.c.parent == body_id, _body.c.merged_into.is_(None), _has_published())
        query = sa.select(_body.c.data).where(*shown).order_by(_body.c.softwares.desc(), _body.c.name)
        with self._db.read() as connection:
            return [codec.load(Body, data) for data in connection.execute(query).scalars()]

    def softwares(
        self, body_id: str, role: str | None = None, *, number: int = 1, size: int = 50
    ) -> tuple[list[BodyLink], int]:
        """What is published of a body's softwares, one link for each software and role, what is listed first and then
        by how likely another body could take it up; and how many there are."""
        among = [_link.c.body == body_id, _soft.c.state == "published"]
        if role:
            among.append(_link.c.role == role)
        joined = _link.join(_soft, _soft.c.id == _link.c.software)
        aside = sa.func.min(sa.case((_soft.c.shelf == Shelf.LISTED.value, 0), else_=1)).label("aside")
        toolbox = sa.func.max(_soft.c.toolbox).label("toolbox")
        pairs = sa.select(_link.c.software, _link.c.role, aside, toolbox).select_from(joined).where(*among)
        pairs = pairs.group_by(_link.c.software, _link.c.role)
        order = sa.text("aside, toolbox DESC, software, role")
        with self._db.read() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(pairs.subquery())).scalar_one()
            some = connection.execute(pairs.order_by(order).limit(size).offset((number - 1) * size)).all()
            found = {
                (one.software, one.role): one
                for one in reversed(_read_links(connection, _link.c.body == body_id, {row.software for row in some}))
            }
        return [found[row.software, BodyRole(row.role)] for row in some], total

    def of(self, software_id: str) -> list[BodyLink]:
        """All that bodies have to do with one software, makers first; one of a role for each source that says so."""
        with self._db.read() as connection:
            return _read_links(connection, sa.true(), {software_id})

    def _put(self, connection: sa.Connection, rows: Sequence[dict[str, Any]], keys: Sequence[dict[str, str]]) -> None:
        for table, some in ((_body, rows), (_key, keys)):
            if some:
                insert = self._db.insert(table)
                again = {name: insert.excluded[name] for name in some[0] if name not in ("id", "slug", "key")}
                connection.execute(
                    insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=again), some
                )

    def _put_links(
        self, connection: sa.Connection, links: Mapping[_LinkKey, _LinkRow], before: Mapping[_LinkKey, _LinkRow]
    ) -> None:
        names = [column.name for column in _link.primary_key]
        if gone := [key for key in before if key not in links]:
            matches = [_link.c[name] == sa.bindparam(f"b_{name}") for name in names]
            values = [{f"b_{name}": value for name, value in zip(names, key, strict=True)} for key in gone]
            connection.execute(sa.delete(_link).where(*matches), values)
        if new := [key for key, row in links.items() if before.get(key) != row]:
            columns = ("as_said", "url", "at")
            insert = self._db.insert(_link)
            again = {name: insert.excluded[name] for name in columns}
            made = [dict(zip((*names, *columns), (*key, *links[key]), strict=True)) for key in new]
            connection.execute(insert.on_conflict_do_update(index_elements=names, set_=again), made)


def forget(connection: sa.Connection, softwares: Sequence[str]) -> None:
    """Take out all that bodies have to do with softwares, and the bodies that nothing else tells of."""
    mine = sa.or_(_link.c.software.in_(softwares), _link.c.copy.in_(softwares))
    touched = list(connection.execute(sa.select(_link.c.body).where(mine).distinct()).scalars())
    connection.execute(sa.delete(_link).where(mine))
    for some in chunks(touched):
        said: dict[str, list[str]] = {one: [] for one in some}
        for row in connection.execute(sa.select(_link.c.body, _link.c.as_said).where(_link.c.body.in_(some))):
            said[row.body].append(row.as_said)
        empty = [one for one, names in said.items() if not names]
        connection.execute(sa.delete(_key).where(_key.c.body.in_(empty)))
        connection.execute(sa.delete(_body).where(_body.c.id.in_(empty)))
        for row in connection.execute(sa.select(_body.c.id, _body.c.data).where(_body.c.id.in_(some))).all():
            names = sorted(set(said[row.id]))
            body = codec.load(Body, row.data)
            name = body.name if body.name in names or is_known(body.name) else names[0]
            # its addresses come back when it is made anew, where somebody else tells them
            left = replace(body, name=name, also=tuple([one for one in names if one != name]), url=None, accounts=())
            left = replace(left, slug=body.slug if name == body.name else body.id)
            lost = [
                key
                for key in connection.execute(sa.select(_key.c.key).where(_key.c.body == row.id)).scalars()
                if not key.startswith(tuple(f"name:{squashed(one)}/" for one in (name, *names)))
            ]
            for keys in chunks(lost):
                connection.execute(sa.delete(_key).where(_key.c.key.in_(keys)))
            values = {"slug": left.slug, "name": name, "words": _words(left), "data": codec.dump(left)}
            connection.execute(sa.update(_body).where(_body.c.id == row.id).values(values))


def _counts(connection: sa.Connection) -> tuple[int, ...]:
    return tuple(connection.execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in (_body, _key))


def _mentions(connection: sa.Connection) -> tuple[list[Mention], list[_Said]]:
    """Every body that a source names of something published, and where it says so."""
    record, raw = schema.record, schema.raw_item
    columns = sa.select(record.c.id, record.c.reader, record.c.first_seen, raw.c.url).select_from(record.join(raw))
    told: dict[int, Any] = {row.id: row for row in connection.execute(columns.where(record.c.active))}
    told |= _told_by_visitors(connection)
    mentions: list[Mention] = []
    said: list[_Said] = []
    unnamed: list[tuple[str, str, Mapping[str, Any]]] = []  # softwares of which nobody names a body, with their account
    for row in connection.execute(sa.select(_soft.c.id, _soft.c.data).where(_soft.c.state == "published")):
        data = from_json(row.data)
        account = account_of(data["fields"].get("code_repository") or "")
        evidence = data.get("evidence", {})
        pieces = [piece for piece in evidence.get("organisations", ()) if piece.get("chosen", True)]
        if account and not pieces and (where := evidence.get("code_repository")):
            unnamed.append((row.id, account, where[0]))
        last = {piece["record"]: piece["value"]["name"] for piece in pieces}
        for piece in pieces:
            one = told.get(piece["record"])
            reader = one.reader.partition("/")[0] if one else ""
            body = Organisation(**piece["value"])
            if is_body(body.name):
                agency = last[piece["record"]] if reader == "code-json" else None
                mentions.append(Mention(body, row.id, reader, account, agency if agency != body.name else None))
                said.append(_told(_role(reader), piece, body.name, one))
        for piece in evidence.get("used_by", ()):
            if piece.get("chosen", True) and is_body(piece["value"]):
                mentions.append(Mention(Organisation(piece["value"]), row.id))
                said.append(_told(BodyRole.USES, piece, piece["value"], told.get(piece["record"])))
    accounts = {address_of(one.organisation.uri): one.organisation for one in mentions if one.organisation.uri}
    for software, account, piece in unnamed:
        if (holder := accounts.get(account)) is not None:  # whose account it is, others say
            mentions.append(Mention(holder, software, account=account))
            said.append(_told(BodyRole.PUBLISHES, piece, holder.name, told.get(piece["record"])))
    return mentions, said


@dataclass(frozen=True, slots=True)
class _Accepted:
    """Where a visitor showed that a body uses a software, and when that was accepted."""

    url: str | None
    first_seen: datetime
    reader: str = ""


def _told_by_visitors(connection: sa.Connection) -> dict[int, _Accepted]:
    """The accepted uses by the number under which evidence names them: their decision's, below zero."""
    matter = schema.matter
    query = sa.select(matter.c.decision, matter.c.decided_at, schema.decision.c.why)
    query = query.join(schema.decision, schema.decision.c.id == matter.c.decision)
    query = query.where(matter.c.kind == "use", matter.c.state == "accepted")
    return {-row.decision: _Accepted(row.why, row.decided_at) for row in connection.execute(query)}


def _told(role: BodyRole, piece: Mapping[str, Any], name: str, record: Any) -> _Said:
    return _Said(role, piece["source"], name, record.url if record else None, record.first_seen if record else None)


@cache
def _role(reader: str) -> BodyRole:
    return BodyRole.PUBLISHES if reader in _LISTS or told_by_forge(reader) else BodyRole.MAKES


def _copies(connection: sa.Connection) -> dict[str, list[str]]:
    """By copy its published origins."""
    table, origin = schema.relation, schema.software
    query = sa.select(table.c.subject, table.c.object).join(origin, origin.c.id == table.c.object)
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query.where(table.c.type == RelationType.COPY.value, origin.c.state == "published")):
        found[row.subject].append(row.object)
    return found


def _match_keys(group: Grouped) -> list[str]:
    """What a body is found again by: its keys, then its names without a country, which may not have been told."""
    bare = [f"{key.rpartition('/')[0]}/" for key in sorted(group.keys) if key.startswith("name:")]
    return list(dict.fromkeys((*sorted(group.keys), *bare)))


def _assign(groups: Sequence[Grouped], owners: Mapping[str, str]) -> list[str]:
    """An id for each group: the one that most of its keys had, larger groups choosing first; else a new one."""
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for place in sorted(range(len(groups)), key=lambda place: (-len(groups[place].mentions), place)):
        group = groups[place]
        had = Counter(
            {owner: 0 for key in _match_keys(group) if (owner := owners.get(key)) is not None and owner not in taken}
        )
        for key in _match_keys(group):
            if (owner := owners.get(key)) in had:
                had[str(owner)] += 2 if key in group.keys else 1
        ids[place] = min(had, key=lambda one: (-had[one], one)) if had else mint()
        taken.add(ids[place])
    return [ids[place] for place in range(len(groups))]


def _merged(groups: Sequence[Grouped], ids: Sequence[str], owners: Mapping[str, str]) -> dict[str, str]:
    """By id that no group has any more the one that has its keys now."""
    found, going_on = {}, set(ids)
    for place, group in enumerate(groups):
        for key in group.keys:
            owner = owners.get(key)
            if owner is not None and owner not in going_on:
                found[owner] = ids[place]
    return found


def _links(
    groups: Sequence[Grouped],
    ids: Sequence[str],
    mentions: Sequence[Mention],
    said: Sequence[_Said],
    copies: Mapping[str, Sequence[str]],
) -> dict[_LinkKey, _LinkRow]:
    """What each body has to do with each software. Who holds a copy made nothing of it: it copied the origin."""
    found: dict[_LinkKey, _LinkRow] = {}
    for group, one in zip(groups, ids, strict=True):
        own = {
            mentions[place].software
            for place in group.mentions
            if said[place].role is not BodyRole.USES and mentions[place].software not in copies
        }
        for place in group.mentions:
            software, piece = mentions[place].software, said[place]
            row = (piece.as_said, piece.url, piece.at)
            if software in copies and piece.role is BodyRole.MAKES:
                continue
            _earliest(found, (one, software, piece.role.value, piece.source, ""), row)
            if piece.role is BodyRole.PUBLISHES:
                for origin in copies.get(software, ()):
                    if origin not in own:
                        _earliest(found, (one, origin, BodyRole.COPIED.value, piece.source, software), row)
    return found


def _earliest(found: dict[_LinkKey, _LinkRow], key: _LinkKey, row: _LinkRow) -> None:
    """Keep of several that say the same the one that said so first."""
    before = found.get(key)
    if before is None or _moment(row) < _moment(before):
        found[key] = row


def _moment(row: _LinkRow) -> tuple[str, str, str]:
    return (row[2].isoformat() if row[2] else "", row[0], row[1] or "")


def _rows(
    groups: Sequence[Grouped], ids: Sequence[str], links: Iterable[_LinkKey], stored: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    by_role: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for linked, software, role, _, _ in links:
        by_role[linked][role].add(software)
    slugs = {row.slug for row in stored.values()}
    rows = {}
    for group, one in sorted(zip(groups, ids, strict=True), key=lambda pair: (-len(pair[0].mentions), pair[1])):
        roles = by_role.get(one, {})
        chosen = stored[one].slug if one in stored else unique(slug(group.name, fallback=one), slugs)
        slugs.add(chosen)
        body = Body(
            id=one,
            slug=chosen,
            name=group.name,
            names=dict(group.names),
            also=group.also,
            kind=group.kind,
            country=group.country,
            parent=ids[group.parent] if group.parent is not None else None,
            url=group.url,
            accounts=group.accounts,
            identifiers=group.identifiers,
            counts={role: len(roles[role.value]) for role in BodyRole if role.value in roles},
        )
        rows[one] = {
            "id": one,
            "slug": chosen,
            "name": body.name,
            "words": _words(body),
            "kind": body.kind,
            "country": body.country,
            "parent": body.parent,
            "softwares": len(set().union(*roles.values())) if roles else 0,
            "merged_into": None,
            "data": codec.dump(body),
        }
    return rows


def _words(body: Body) -> str:
    """All that a body is looked for by: its names, and its accounts'."""
    logins = [account.rstrip("/").rpartition("/")[2] for account in body.accounts]
    names = (body.name, *body.names.values(), *body.also, *logins)
    return " ".join(dict.fromkeys([fold(name) or name.casefold() for name in names]))


def _plain_row(row: Any) -> dict[str, Any]:
    return dict(row._mapping)


def _has_published(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    joined = _link.join(_soft, _soft.c.id == _link.c.software)
    among = (_link.c.body == _body.c.id, _soft.c.state == "published", *more)
    return sa.exists(sa.select(_link.c.body).select_from(joined).where(*among).correlate(_body))


def _asked(column: sa.Column[Any], value: str | None) -> list[sa.ColumnElement[bool]]:
    if not value:
        return []
    return [column.is_(None) if value == UNKNOWN else column == value]


def _counted(
    connection: sa.Connection, column: sa.Column[Any], among: Sequence[sa.ColumnElement[bool]]
) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).where(*among).group_by(column)
    counted = {value or UNKNOWN: count for value, count in connection.execute(query)}
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


_ORDER = {role: place for place, role in enumerate(BodyRole)}


def _read_links(connection: sa.Connection, among: sa.ColumnElement[bool], softwares: Iterable[str]) -> list[BodyLink]:
    """The links of softwares, makers first; copies alone that are published themselves."""
    copy = schema.software.alias("copy")
    joined = _link.join(_body, _body.c.id == _link.c.body).outerjoin(copy, copy.c.id == _link.c.copy)
    shown = sa.or_(_link.c.copy == "", copy.c.state == "published")
    found: list[BodyLink] = []
    for some in chunks(sorted(softwares)):
        query = sa.select(_link, _body.c.slug, _body.c.name).select_from(joined)
        query = query.where(among, shown, _link.c.software.in_(some))
        found += [_link_of(row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (_ORDER[one.role], one.name, one.body, one.source, one.copy or ""))


def _link_of(row: Any) -> BodyLink:
    return BodyLink(
        body=row.body,
        slug=row.slug,
        name=row.name,
        software=row.software,
        role=BodyRole(row.role),
        source=row.source,
        as_said=row.as_said,
        url=row.url,
        at=row.at,
        copy=row.copy or None,
    )
