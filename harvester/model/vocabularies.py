"""Vocabularies: publiccode.yml's where it has one, ours where it is silent.

developmentStatus, softwareType and audiences (intendedAudience.scope): publiccode.yml, core schema. Use cases: the OGP
Toolbox's idea of 2016, widened by the terms of the Civic Tech Field Guide and Code for America's taxonomy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a vocabulary: its code (stable, in URLs) and its labels."""

    code: str
    en: str
    fr: str

    def label(self, language: str) -> str:
        """The label in `language` ("fr" or anything else, which gives English)."""
        return self.fr if language == "fr" else self.en


def _table(*terms: tuple[str, str, str]) -> Mapping[str, Term]:
    return {code: Term(code, en, fr) for code, en, fr in terms}


USE_CASES = _table(
    ("open-data-portal", "Open-data portal", "Portail de données ouvertes"),
    ("consultation", "Consultation", "Consultation publique"),
    ("participatory-budgeting", "Participatory budgeting", "Budget participatif"),
    ("law-making", "Law making and tracking", "Fabrique et suivi de la loi"),
    ("deliberation", "Forum and deliberation", "Forum et délibération"),
    ("petition", "Petition", "Pétition"),
    ("freedom-of-information", "Freedom of information", "Accès aux documents administratifs"),
    ("issue-reporting", "Issue reporting", "Signalement"),
    ("election-monitoring", "Elections and voting", "Élections et vote"),
    ("transparency-monitoring", "Transparency monitoring", "Suivi de la transparence"),
    ("action-plan-evaluation", "Evaluation of action plans", "Évaluation des plans d’action"),
    ("budget-and-procurement", "Budgets and procurement", "Budgets et commande publique"),
    ("mapping", "Mapping", "Cartographie"),
    ("crowdsourcing", "Crowdsourcing", "Production participative"),
    ("civic-education", "Civic education", "Éducation civique"),
    ("volunteering", "Volunteering and mutual aid", "Bénévolat et entraide"),
    ("emergency-response", "Emergency response", "Réponse aux crises"),
    ("environment-and-mobility", "Environment and mobility", "Environnement et mobilité"),
    ("social-services", "Social services and benefits", "Services sociaux et aides"),
    ("justice", "Justice and legal help", "Justice et aide juridique"),
    ("digital-identity", "Identity and signature", "Identité et signature"),
    ("forms-and-procedures", "Forms and procedures", "Formulaires et démarches"),
    ("website-and-design", "Websites and design systems", "Sites et systèmes de design"),
    ("data-tools", "Data publishing and analysis", "Publication et analyse de données"),
    ("back-office", "Back office of administrations", "Gestion interne des administrations"),
)

DEVELOPMENT_STATUSES = _table(
    ("concept", "Concept", "Concept"),
    ("development", "In development", "En développement"),
    ("beta", "Beta", "Bêta"),
    ("stable", "Stable", "Stable"),
    ("obsolete", "Obsolete", "Obsolète"),
)

SOFTWARE_TYPES = _table(
    ("standalone/mobile", "Mobile application", "Application mobile"),
    ("standalone/iot", "Connected device", "Objet connecté"),
    ("standalone/desktop", "Desktop application", "Application de bureau"),
    ("standalone/web", "Web application", "Application web"),
    ("standalone/backend", "Back end", "Service dorsal"),
    ("standalone/other", "Other application", "Autre application"),
    ("addon", "Add-on", "Extension"),
    ("library", "Library", "Bibliothèque"),
    ("configurationFiles", "Configuration files", "Fichiers de configuration"),
)

KINDS = _table(
    ("software", "Software with public source code", "Logiciel au code source public"),
    ("service", "Hosted service without public source code", "Service hébergé sans code source public"),
)

AUDIENCES = _table(
    ("agriculture", "Agriculture", "Agriculture"),
    ("culture", "Culture", "Culture"),
    ("defence", "Defence", "Défense"),
    ("education", "Education", "Éducation"),
    ("emergency-services", "Emergency services", "Services d’urgence"),
    ("employment", "Employment", "Emploi"),
    ("energy", "Energy", "Énergie"),
    ("environment", "Environment", "Environnement"),
    ("finance-and-economic-development", "Finance and economic development", "Finances et développement économique"),
    ("foreign-affairs", "Foreign affairs", "Affaires étrangères"),
    ("government", "Government", "Administration"),
    ("healthcare", "Health care", "Santé"),
    ("infrastructures", "Infrastructure", "Infrastructures"),
    ("justice", "Justice", "Justice"),
    ("local-authorities", "Local authorities", "Collectivités territoriales"),
    ("manufacturing", "Manufacturing", "Industrie"),
    ("research", "Research", "Recherche"),
    ("science-and-technology", "Science and technology", "Sciences et technologies"),
    ("security", "Security", "Sécurité"),
    ("society", "Society", "Société"),
    ("sport", "Sport", "Sport"),
    ("tourism", "Tourism", "Tourisme"),
    ("transportation", "Transport", "Transports"),
    ("welfare", "Welfare", "Action sociale"),
)

ORGANISATION_KINDS = _table(
    ("national", "National body", "Organisme national"),
    ("regional", "Regional body", "Collectivité régionale"),
    ("local", "Local authority", "Collectivité locale"),
    ("civil-society", "Civil society", "Société civile"),
    ("company", "Company", "Entreprise"),
    ("international", "International organisation", "Organisation internationale"),
)

VOCABULARIES: Mapping[str, Mapping[str, Term]] = {
    "use_case": USE_CASES,
    "development_status": DEVELOPMENT_STATUSES,
    "software_type": SOFTWARE_TYPES,
    "kind": KINDS,
    "audience": AUDIENCES,
    "organisation_kind": ORGANISATION_KINDS,
}
"""Each vocabulary by the name that declarations of fields and facets call it."""
