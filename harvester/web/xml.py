"""XML for programs: whatever a source wrote, the document is well formed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

from fastapi import Request
from fastapi.responses import Response

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def add(parent: ElementTree.Element, name: str, text: object = None, **attributes: str) -> ElementTree.Element:
    """A child with its text, without the characters that XML cannot hold (most control characters)."""
    kept = {key.replace("xml_lang", XML_LANG): clean(value) for key, value in attributes.items()}
    child = ElementTree.SubElement(parent, name, kept)
    if text is not None:
        child.text = clean(str(text))
    return child


def clean(text: str) -> str:
    """The text without what XML 1.0 has no character for."""
    return _NO_XML.sub("", text)


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def answer(request: Request, root: ElementTree.Element, media_type: str) -> Response:
    """The document, or 304 where the asker has it already."""
    body = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return tagged(request, body, f"{media_type}; charset=utf-8")


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """An answer with its entity tag, which a later request may name instead of fetching it again (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"etag": tag, "cache-control": "public, max-age=300"}
    asked = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in asked or "*" in asked:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
