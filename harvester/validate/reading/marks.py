"""Marks that stand for themselves: tags, the merge key, the lines between documents."""

from __future__ import annotations

import re

from harvester.validate.reading.buffer import Buffer
from harvester.validate.reading.tokens import TokenKind

_BLANKS = " \t\n\r"
_MERGE = re.compile(r"<<(?!<)[ :]*:[ \n\r]")


def tag(buffer: Buffer, *, in_brackets: bool) -> None:
    """Add the token of a tag that begins here."""
    stops = " \n\r{}," if in_brackets else " \n\r{}"
    end = next((at for at in range(buffer.at + 1, buffer.size) if buffer.text[at] in stops), None)
    if end is None:
        buffer.advance(buffer.size - buffer.at)
        buffer.column -= 1
        buffer.empty()
        return
    if buffer.text[end] in "{}":
        shown = buffer.text[end]
        buffer.refuse(f"found invalid tag character '{shown}'", column=buffer.column + end - buffer.at)
    buffer.add(TokenKind.TAG, buffer.text[buffer.at : end])
    buffer.column += end - buffer.at - (buffer.text[end] != " ")
    buffer.at = end + (buffer.text[end] == " ")
    buffer.empty()


def merge(buffer: Buffer) -> bool:
    """Add the token of the key << when it stands here."""
    if _MERGE.match(buffer.text, buffer.at) is None:
        return False
    buffer.key_column = buffer.column
    buffer.add(TokenKind.MERGE, "<<")
    buffer.advance(2)
    buffer.empty()
    return True


def marks_document(buffer: Buffer, char: str) -> bool:
    """Whether three of a character stand at a line's beginning, and no fourth."""
    rest = buffer.text[buffer.at : buffer.at + 4]
    return buffer.indentation == 0 and buffer.column == 1 and rest[:3] == char * 3 and rest[3:] != char


def document_start(buffer: Buffer) -> bool:
    """Add the token of --- when it stands here."""
    if not marks_document(buffer, "-") or buffer.peek(3) not in ("", *_BLANKS):
        return False
    buffer.cut()
    buffer.add(TokenKind.DOCUMENT_START, "---")
    buffer.advance(3)
    buffer.empty()
    buffer.key_column = buffer.indentation = 0
    return True


def entry(buffer: Buffer) -> bool:
    """Add the token of an item's dash when it stands here."""
    if buffer.solid or buffer.peek() not in ("", "\0", *_BLANKS):
        return False
    if buffer.origin.removeprefix(" ").startswith("\t"):
        buffer.refuse("tab character cannot use as a sequence delimiter")
    buffer.cut()
    buffer.note_origin("-")
    buffer.key_column = buffer.add(TokenKind.ENTRY, "-").column
    buffer.advance()
    buffer.empty()
    return True


def question(buffer: Buffer) -> bool:
    """Add the token of an explicit key's question mark when it stands here."""
    if buffer.solid or buffer.peek() not in (" ", "\t"):
        return False
    buffer.key_column = buffer.add(TokenKind.KEY, "?").column
    buffer.advance()
    buffer.empty()
    return True
