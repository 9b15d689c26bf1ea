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
    "communication",
    "it-development",
)

POLICY_AREAS = (
    "public-participation",
    "right-to-information",
    "fiscal-openness",
    "open-contracting",
    "anti-corruption",
    "political-integrity",
    "open-parliament",
    "civic-space",
    "justice",
    "digital-governance",
    "public-service-delivery",
    "inclusion",
    "environment-and-climate",
)
"""Policy areas of the Open Government Partnership, as its action plans' commitments are sorted."""

POLICY_AREAS_OF: Mapping[str, tuple[str, ...]] = {
    "open-data-portal": ("right-to-information", "digital-governance"),
    "consultation": ("public-participation",),
    "participatory-budgeting": ("public-participation", "fiscal-openness"),
    "law-making": ("open-parliament", "public-participation"),
    "deliberation": ("public-participation",),
    "petition": ("public-participation", "civic-space"),
    "freedom-of-information": ("right-to-information",),
    "issue-reporting": ("public-service-delivery", "public-participation"),
    "election-monitoring": ("political-integrity",),
    "transparency-monitoring": ("anti-corruption", "political-integrity"),
    "action-plan-evaluation": ("public-participation",),
    "budget-and-procurement": ("fiscal-openness", "open-contracting"),
    "crowdsourcing": ("public-participation",),
    "civic-education": ("civic-space",),
    "volunteering": ("civic-space",),
    "emergency-response": ("public-service-delivery",),
    "environment-and-mobility": ("environment-and-climate",),
    "social-services": ("public-service-delivery", "inclusion"),
    "justice": ("justice",),
    "digital-identity": ("digital-governance", "public-service-delivery"),
    "forms-and-procedures": ("public-service-delivery",),
    "data-tools": ("digital-governance",),
}
"""By use case the policy areas whose commitments ask for such tools; maps, sites and offices serve any of them."""

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

SHELVES = (
    "listed",
    "copies",
    "parts",
    "other",
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

USER_KINDS = (*ORGANISATION_KINDS, "other")
"""Kinds of bodies that use a software; "other" is one whose name tells no kind."""

LICENSE_FAMILIES = (
    "free",
    "public-domain",
    "permissive",
    "weak-copyleft",
    "eupl",
    "strong-copyleft",
    "other",
    "none",
)
"""Whether and how a software is free to reuse: "free" is each of the five families after it, "other" a licence of none
of them, "none" that the forge looked and found no licence."""

VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "use_case": USE_CASES,
    "policy_area": POLICY_AREAS,
    "development_status": DEVELOPMENT_STATUSES,
    "software_type": SOFTWARE_TYPES,
    "artefact": ARTEFACTS,
    "kind": KINDS,
    "shelf": SHELVES,
    "audience": AUDIENCES,
    "organisation_kind": ORGANISATION_KINDS,
    "user_kind": USER_KINDS,
    "license_family": LICENSE_FAMILIES,
}
"""Each vocabulary by the name that declarations of fields and facets call it."""
