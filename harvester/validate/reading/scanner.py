"""A text becomes tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto

from harvester.validate.reading import blocks, marks
from harvester.validate.reading.buffer import BlockState, Buffer, line_end
from harvester.validate.reading.lines import line_break, plain_line, spaces
from harvester.validate.reading.quoted import scan_quoted
from harvester.validate.reading.tokens import TokenKind, YamlToken

_BLANKS = " \t\n\r"
_RUN = re.compile(r"(?:[^\n\r\t:#<]|:(?=[^ \t\r\n])|(?<![ \t\r\n])#)+")
"""What goes on with a plain scalar outside brackets."""


class _Turn(Enum):
    """How the first character of a line stands to the last key or dash."""

    NONE = auto()  # not at a line's beginning
    DEEPER = auto()
    BACK = auto()  # in the same column, or before it


def scan(text: str) -> list[YamlToken]:
    """The tokens, without comments. Raises InputError with line and column."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.buffer = Buffer(text)
        self.sequences = 0  # open brackets
        self.mappings = 0
        self.turn = _Turn.NONE
        self.naming = False  # an anchor's or alias' name is being read
        self.directing = False  # a directive is being read

    def scan(self) -> list[YamlToken]:
        buffer, text = self.buffer, self.buffer.text
        while buffer.at < buffer.size:
            if buffer.column == 1 and buffer.line_begins and not self._in_brackets and plain_line(buffer):
                self.turn = _Turn.NONE
                continue
            char = text[buffer.at]
            self._indent(char)
            if self.turn is _Turn.BACK:
                self.buffer.cut()
            if buffer.block is not None:
                if self.turn is not _Turn.BACK:
                    blocks.scan_line(buffer)
                    continue
                blocks.end(buffer)
            handle = _HANDLERS.get(char)
            if handle is None or not handle(self):
                self._text(char)
        self.buffer.cut()
        return buffer.tokens

    def _indent(self, char: str) -> None:
        buffer = self.buffer
        if not buffer.line_begins:
            self.turn = _Turn.NONE
            return
        if char == " ":
            buffer.indentation += 1
            return
        if char in "\t\n\r":
            return
        if buffer.key_column:
            self.turn = _Turn.DEEPER if buffer.key_column < buffer.column else _Turn.BACK
        buffer.line_begins = False

    def _text(self, char: str) -> None:
        """This character belongs to a plain scalar, and outside brackets what follows up to the next that may not."""
        buffer = self.buffer
        if (buffer.solid or char not in " \t") and not (self.naming or self.directing or self._in_brackets):
            run = _RUN.match(buffer.text, buffer.at + 1)
            if run is not None:
                char += run.group()
                self.turn = _Turn.NONE
        buffer.add_text(char)
        buffer.note_origin(char)
        buffer.advance(len(char))

    @property
    def _in_brackets(self) -> bool:
        return self.sequences > 0 or self.mappings > 0

    def _bracket(self, kind: TokenKind, *, opens: bool) -> bool:
        """Add a bracket's or comma's token."""
        buffer = self.buffer
        self.buffer.cut()
        buffer.note_origin(buffer.text[buffer.at])
        buffer.add(kind, buffer.text[buffer.at])
        change = 1 if opens else -1
        if kind in (TokenKind.MAPPING_START, TokenKind.MAPPING_END):
            self.mappings += change
        elif kind in (TokenKind.SEQUENCE_START, TokenKind.SEQUENCE_END):
            self.sequences += change
        buffer.advance()
        buffer.empty()
        return True

    def mapping_start(self) -> bool:
        if self.buffer.solid and not self._in_brackets:
            return False
        return self._bracket(TokenKind.MAPPING_START, opens=True)

    def mapping_end(self) -> bool:
        return self.mappings > 0 and self._bracket(TokenKind.MAPPING_END, opens=False)

    def sequence_start(self) -> bool:
        if self.buffer.solid and not self._in_brackets:
            return False
        return self._bracket(TokenKind.SEQUENCE_START, opens=True)

    def sequence_end(self) -> bool:
        if self.buffer.solid and self.sequences <= 0:
            return False
        return self._bracket(TokenKind.SEQUENCE_END, opens=False)

    def comma(self) -> bool:
        return self._in_brackets and self._bracket(TokenKind.COMMA, opens=False)

    def dot(self) -> bool:
        if not marks.marks_document(self.buffer, "."):
            return False
        self.buffer.cut()
        self.buffer.add(TokenKind.DOCUMENT_END, "...")
        self.buffer.advance(3)
        self.buffer.empty()
        return True

    def dash(self) -> bool:
        return marks.document_start(self.buffer) or self._goes_on_with_dash() or marks.entry(self.buffer)

    def _goes_on_with_dash(self) -> bool:
        """A plain scalar's next line may begin with a dash when it stands deeper."""
        buffer = self.buffer
        if not buffer.solid or self.turn is not _Turn.DEEPER:
            return False
        buffer.block = BlockState(literal=False, dashed=True)
        buffer.block.begin_text(buffer.column)
        buffer.add_text("-")
        buffer.note_origin("-")
        buffer.advance()
        return True

    def merge(self) -> bool:
        return marks.merge(self.buffer)

    def colon(self) -> bool:
        buffer = self.buffer
        ahead = buffer.peek()
        if self.directing or self.naming:
            return False
        if self.mappings <= 0:
            if ahead not in ("", *_BLANKS):
                return False
        elif ahead == "/" or (buffer.tokens and buffer.tokens[-1].kind is TokenKind.VALUE):
            return False
        if buffer.origin.removeprefix(" ").startswith("\t") and not buffer.scalar.startswith("\t"):
            buffer.refuse("tab character cannot use as a map key directly")
        key = self.buffer.cut()
        if key is not None:
            buffer.key_column = key.column
        elif buffer.tokens and buffer.tokens[-1].kind in (TokenKind.SINGLE_QUOTED, TokenKind.DOUBLE_QUOTED):
            buffer.key_column = buffer.tokens[-1].column
        buffer.add(TokenKind.VALUE, ":")
        buffer.advance()
        buffer.empty()
        return True

    def block_scalar(self) -> bool:
        if self.buffer.solid:
            return False
        blocks.scan_header(self.buffer)
        self.turn = _Turn.NONE
        self.naming = self.directing = False
        return True

    def tag(self) -> bool:
        if self.buffer.solid or self.directing:
            return False
        marks.tag(self.buffer, in_brackets=self._in_brackets)
        return True

    def directive(self) -> bool:
        if self.buffer.solid or self.buffer.indentation != 0:
            return False
        self._mark(TokenKind.DIRECTIVE)
        self.directing = True
        return True

    def anchor(self) -> bool:
        return not self.buffer.solid and self._name(TokenKind.ANCHOR)

    def alias(self) -> bool:
        return not self.buffer.solid and self._name(TokenKind.ALIAS)

    def _name(self, kind: TokenKind) -> bool:
        self._mark(kind)
        self.naming = True
        return True

    def _mark(self, kind: TokenKind) -> None:
        buffer = self.buffer
        self.buffer.cut()
        buffer.note_origin(buffer.text[buffer.at])
        buffer.add(kind, buffer.text[buffer.at])
        buffer.advance()
        buffer.empty()

    def question(self) -> bool:
        return marks.question(self.buffer)

    def comment(self) -> bool:
        buffer, text = self.buffer, self.buffer.text
        if buffer.solid and text[buffer.at - 1] not in _BLANKS:
            return False
        self.buffer.cut()
        buffer.at = line_end(text, buffer.at + 1)
        self._new_line()
        buffer.empty()
        return True

    def quote(self) -> bool:
        if self.buffer.solid:
            return False
        line = self.buffer.line
        scan_quoted(self.buffer, self.buffer.text[self.buffer.at])
        if self.buffer.line != line:
            self.naming = self.directing = False
        return True

    def line_break(self) -> bool:
        line_break(self.buffer, cuts=self.naming or self.directing)
        self.naming = self.directing = False
        return True

    def _new_line(self) -> None:
        self.buffer.new_line()
        self.naming = self.directing = False

    def space(self) -> bool:
        buffer = self.buffer
        if self.directing and not buffer.line_begins:
            buffer.cut()
            buffer.note_origin(" ")
            buffer.advance()
            return True
        if buffer.line_begins or not (self.naming or buffer.scalar):
            count = spaces(buffer)
            if buffer.line_begins:
                buffer.indentation += count - 1  # the first one was counted already
            else:
                self.turn = _Turn.NONE
            return True
        if not self.naming:
            return False
        buffer.cut()
        self.naming = False
        return True

    def reserved(self) -> bool:
        buffer = self.buffer
        if buffer.solid:
            return False
        return buffer.refuse(f"'{buffer.text[buffer.at]}' is a reserved character")

    def tab(self) -> bool:
        buffer = self.buffer
        if (buffer.solid and buffer.key_column == 0) or buffer.key_column < buffer.column:
            buffer.indentation += 1
            buffer.note_origin("\t")
            buffer.at += 1
            return True
        if buffer.line_begins and not self._in_brackets:
            buffer.refuse("found character '\t' that cannot start any token")
        return False


_HANDLERS: dict[str, Callable[[_Scanner], bool]] = {
    "{": _Scanner.mapping_start, "}": _Scanner.mapping_end, "[": _Scanner.sequence_start, "]": _Scanner.sequence_end,
    ",": _Scanner.comma, ".": _Scanner.dot, "-": _Scanner.dash, "<": _Scanner.merge, ":": _Scanner.colon,
    "|": _Scanner.block_scalar, ">": _Scanner.block_scalar, "!": _Scanner.tag, "%": _Scanner.directive,
    "?": _Scanner.question, "&": _Scanner.anchor, "*": _Scanner.alias, "#": _Scanner.comment, "'": _Scanner.quote,
    '"': _Scanner.quote, "\n": _Scanner.line_break, "\r": _Scanner.line_break, " ": _Scanner.space,
    "@": _Scanner.reserved, "`": _Scanner.reserved, "\t": _Scanner.tab,
}  # fmt: skip
