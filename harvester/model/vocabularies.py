"""Vocabularies, as codes: publiccode.yml's where it has one, ours where it is silent.

A code is stable and stands in addresses; its words are those of the key "VOCABULARY.CODE" in each language's catalog.
developmentStatus, softwareType and audiences (intendedAudience.scope): publiccode.yml, core schema. Use cases: the OGP
Toolbox's idea of 2016, widened by the terms of the Civic Tech Field Guide and Code for America's taxonomy.
"""

from __future__ import annotations

from collections.abc import Mapping

USE_CASES = (
    "open-data-portal",
    "consultation",
    "participatory-budgeting",
    "law-making",
    "deliberation",
    "petition",
    "freedom-of-information",
    "issue-reporting",
    "election-monitoring",
    "transparency-monitoring",
    "action-plan-evaluation",
    "budget-and-procurement",
    "mapping",
    "crowdsourcing",
    "civic-education",
    "volunteering",
    "emergency-response",
    "environment-and-mobility",
    "social-services",
    "justice",
    "digital-identity",
    "forms-and-procedures",
    "website-and-design",
    "data-tools",
    "back-office",
)

DEVELOPMENT_STATUSES = (
    "concept",
    "development",
    "beta",
    "stable",
    "obsolete",
)

SOFTWARE_TYPES = (
    "standalone/mobile",
    "standalone/iot",
    "standalone/desktop",
    "standalone/web",
    "standalone/backend",
    "standalone/other",
    "addon",
    "library",
    "configurationFiles",
)

KINDS = (
    "software",
    "service",
)

AUDIENCES = (
    "agriculture",
    "culture",
    "defence",
    "education",
    "emergency-services",
    "employment",
    "energy",
    "environment",
    "finance-and-economic-development",
    "foreign-affairs",
    "government",
    "healthcare",
    "infrastructures",
    "justice",
    "local-authorities",
    "manufacturing",
    "research",
    "science-and-technology",
    "security",
    "society",
    "sport",
    "tourism",
    "transportation",
    "welfare",
)

ARTEFACTS = (
    "application",
    "library",
    "addon",
    "website",
    "data",
    "analysis",
    "documentation",
    "learning",
    "configuration",
    "organisation",
    "unknown",
)

ORGANISATION_KINDS = (
    "national",
    "regional",
    "local",
    "civil-society",
    "company",
    "international",
)

VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "use_case": USE_CASES,
    "development_status": DEVELOPMENT_STATUSES,
    "software_type": SOFTWARE_TYPES,
    "kind": KINDS,
    "audience": AUDIENCES,
    "organisation_kind": ORGANISATION_KINDS,
    "artefact": ARTEFACTS,
}
"""Each vocabulary by the name that declarations of fields and facets call it."""
