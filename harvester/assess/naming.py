"""What people are shown as a software's name: one that says nothing carries its owner ("betagouv / backend")."""

from __future__ import annotations

from urllib.parse import urlsplit

from harvester.assess.words import fold
from harvester.model import Software

_GENERIC = frozenset(
    "api apis app application apps assets back backend bot charts cli client code codeofconduct core common "
    "config configuration dashboard data database dataset demo deploy deployment design docker docs "
    "documentation example examples front frontend guide guides hackathon handbook home homepage images infra "
    "infrastructure landing lib library map maps meta misc mobile notebooks ops package packages plugins "
    "portal project projects proto prototype python repo sandbox scripts sdk server service services shared "
    "site slides src starter status template templates test tests theme themes tools toolkit training tutorial "
    "ui utils web webapp website wiki www aide anwendung cours daten demarche documentazione donnees interfaz "
    "kurs outils portail portale projekt proyecto seite sito sitio internet conduct".split()
)


def called(software: Software) -> str:
    """Its name with its owner where it is generic, and what stands in addresses where no source tells one."""
    name = software.fields.name or software.slug
    if not set(fold(name).split()) <= _GENERIC:
        return name
    owner = urlsplit(software.fields.code_repository or "").path.strip("/").partition("/")[0]
    return f"{owner} / {name}" if owner and fold(owner) not in fold(name) else name
