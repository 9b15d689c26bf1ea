"""The words of the house: what is harvested, what is said of it, what people decide.

Everything here is a frozen dataclass or a vocabulary, without network, database or clock.
"""

from harvester.model.appraisal import ASSESSMENT, NOT_APPRAISED, Appraisal, Related, RelationType, Shelf, Verdict
from harvester.model.body import Body, BodyLink, BodyPage, BodyRole
from harvester.model.bounds import Bounds
from harvester.model.check import Checked, CheckFinding
from harvester.model.facets import ALSO, FACETS, SOUGHT, DeclaredFacet, licenses, traits
from harvester.model.fields import (
    FIELD_KINDS,
    FIELDS,
    DeclaredField,
    FieldKind,
    Fields,
    LangMap,
    Organisation,
    Place,
    ValueType,
    fields_in,
)
from harvester.model.identity import PART, STRONG_SCHEMES, Identifier
from harvester.model.issue import BOUND_REACHED, CAPPING, CUTTING, PAGING_TRAP, Issue, Severity
from harvester.model.notice import Notice, NoticeEnd, NoticeKind, Trouble
from harvester.model.raw import (
    COPIED,
    COPIED_BY,
    FORMER,
    LEADS_TO,
    Outcome,
    Page,
    RawItem,
    Reading,
    Unit,
    UnitFailed,
)
from harvester.model.reason import Reason
from harvester.model.record import REPOSITORY, Basis, Record
from harvester.model.run import Judgement, Run, RunCounts, RunState
from harvester.model.software import Decision, Evidence, Operation, Provenance, Software, SoftwareState
from harvester.model.source import Source, Terms
from harvester.model.vocabularies import (
    ARTEFACTS,
    AUDIENCES,
    DEVELOPMENT_STATUSES,
    KINDS,
    ORGANISATION_KINDS,
    SOFTWARE_TYPES,
    USE_CASES,
    VOCABULARIES,
)

__all__ = [
    "ALSO",
    "ARTEFACTS",
    "ASSESSMENT",
    "AUDIENCES",
    "BOUND_REACHED",
    "CAPPING",
    "COPIED",
    "COPIED_BY",
    "CUTTING",
    "DEVELOPMENT_STATUSES",
    "FACETS",
    "FIELDS",
    "FIELD_KINDS",
    "FORMER",
    "KINDS",
    "LEADS_TO",
    "NOT_APPRAISED",
    "ORGANISATION_KINDS",
    "PAGING_TRAP",
    "PART",
    "REPOSITORY",
    "SOFTWARE_TYPES",
    "SOUGHT",
    "STRONG_SCHEMES",
    "USE_CASES",
    "VOCABULARIES",
    "Appraisal",
    "Basis",
    "Body",
    "BodyLink",
    "BodyPage",
    "BodyRole",
    "Bounds",
    "CheckFinding",
    "Checked",
    "Decision",
    "DeclaredFacet",
    "DeclaredField",
    "Evidence",
    "FieldKind",
    "Fields",
    "Identifier",
    "Issue",
    "Judgement",
    "LangMap",
    "Notice",
    "NoticeEnd",
    "NoticeKind",
    "Operation",
    "Organisation",
    "Outcome",
    "Page",
    "Place",
    "Provenance",
    "RawItem",
    "Reading",
    "Reason",
    "Record",
    "Related",
    "RelationType",
    "Run",
    "RunCounts",
    "RunState",
    "Severity",
    "Shelf",
    "Software",
    "SoftwareState",
    "Source",
    "Terms",
    "Trouble",
    "Unit",
    "UnitFailed",
    "ValueType",
    "Verdict",
    "fields_in",
    "licenses",
    "traits",
]
