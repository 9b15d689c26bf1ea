"""The system of record: everything that was fetched, what it means, what people decided, and what ran.

The only SQL of the house is in this folder, on SQLite or PostgreSQL.
"""

from __future__ import annotations

import threading

from harvester.catalogue.absence import Absence
from harvester.catalogue.changes import Changes
from harvester.catalogue.checks import SourceChecks
from harvester.catalogue.claims import Claims
from harvester.catalogue.collected import Collections
from harvester.catalogue.corrections import Corrections
from harvester.catalogue.database import Database, Locks
from harvester.catalogue.erasure import Erasure
from harvester.catalogue.export import Export
from harvester.catalogue.factors import Factors
from harvester.catalogue.families import Families
from harvester.catalogue.feed import IndexFeed
from harvester.catalogue.harvest import CatalogueMemory, Harvest
from harvester.catalogue.identities import Identities
from harvester.catalogue.issues import Issues
from harvester.catalogue.ledger import CatalogueLedger
from harvester.catalogue.links import DoorLinks
from harvester.catalogue.near import Suggestions
from harvester.catalogue.notices import Notices
from harvester.catalogue.organisations import Organisations
from harvester.catalogue.origins import Origins
from harvester.catalogue.people import Accounts, Audit
from harvester.catalogue.policy import Policy
from harvester.catalogue.records import DeclaredTerms, Entries, Rereading
from harvester.catalogue.relations import Relations
from harvester.catalogue.resolving import Resolver
from harvester.catalogue.review import Review
from harvester.catalogue.runs import Runs
from harvester.catalogue.saved import SavedFilters
from harvester.catalogue.shifts import Shifts
from harvester.catalogue.software import SoftwareStore
from harvester.catalogue.sources import Sources
from harvester.catalogue.standing import Standing
from harvester.catalogue.tokens import ApiTokens
from harvester.catalogue.voices import Voices

PAGE_S = 1.5
"""How long a page waits for a database that somebody holds: its answer is to be there within two seconds."""


class Catalogue:
    """One catalogue, opened by its URL. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sources = Sources(database)
        self.checks = SourceChecks(database, self.sources)
        self.runs = Runs(database)
        self.notices = Notices(database)
        self.harvest = Harvest(database)
        self.origins = Origins(database)
        self.entries = Entries(database)
        self.absence = Absence(database)
        self.shifts = Shifts(database)
        self.resolver = Resolver(database)
        self.policy = Policy(database)
        self.export = Export(database)
        self.relations = Relations(database)
        self.organisations = Organisations(database)
        self.suggestions = Suggestions(database, self.relations, self.resolver, self.organisations)
        self.rereading = Rereading(database)
        self.software = SoftwareStore(database)
        self.changes = Changes(database)
        self.families = Families(database)
        self.review = Review(database)
        self.claims = Claims(database)
        self.collections = Collections(database)
        self.saved_filters = SavedFilters(database)
        self.corrections = Corrections(database)
        self.standing = Standing(database)
        self.voices = Voices(database, self.review, self.sources)
        self.erasure = Erasure(database)
        self.issues = Issues(database)
        self.accounts = Accounts(database)
        self.factors = Factors(database)
        self.identities = Identities(database)
        self.tokens = ApiTokens(database)
        self.links = DoorLinks(database)
        self.audit = Audit(database)
        self.feed = IndexFeed(database)
        self.memory = CatalogueMemory(database)
        self.locks = Locks(database)
        self.terms = DeclaredTerms(database)
        self._ledger: CatalogueLedger | None = None
        self._for_pages: list[Catalogue] = []
        self._opening = threading.Lock()

    @classmethod
    def open(cls, url: str, *, migrate: bool = True) -> Catalogue:
        """Open the catalogue at a SQLAlchemy URL, its tables brought up to date."""
        database = Database(url)
        if migrate:
            try:
                database.migrate()
            except BaseException:
                database.close()
                raise
        return cls(database)

    def for_pages(self, answer_s: float = PAGE_S) -> Catalogue:
        """The same catalogue for pages, which rather say that it is not there than wait; closed with this one."""
        made = Catalogue(Database(self.database.url, answer_s=answer_s))
        self._for_pages.append(made)
        return made

    @property
    def ledger(self) -> CatalogueLedger:
        """The governor's ledger of this installation, opened when it is first asked for."""
        with self._opening:
            if self._ledger is None:
                self._ledger = CatalogueLedger.beside(self.database)
            return self._ledger

    def close(self) -> None:
        """Close all connections."""
        if self._ledger is not None:
            self._ledger.close()
        for opened in self._for_pages:
            opened.close()
        self.database.close()


__all__ = ["PAGE_S", "Catalogue"]
