"""Quoted scalars."""

from __future__ import annotations

import re

from harvester.validate.reading.buffer import BREAKS, Buffer
from harvester.validate.reading.tokens import TokenKind, YamlToken

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
    '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", "\t": "\t",
}  # fmt: skip
_WIDTHS = {"u": 4, "U": 8}
_RUNS = {"'": re.compile(r"[^'\n\r]+"), '"': re.compile(r'[^"\\\n\r\t]+')}
_BLANKS = re.compile("[ \t]*")
_KINDS = {"'": ("single", TokenKind.SINGLE_QUOTED), '"': ("double", TokenKind.DOUBLE_QUOTED)}


def scan_quoted(buffer: Buffer, quote: str) -> None:
    """Add the token of a quoted scalar that begins here."""
    _Quoted(buffer, quote).scan()


class _Quoted:
    def __init__(self, buffer: Buffer, quote: str) -> None:
        self.buffer = buffer
        self.quote = quote
        self.name, self.kind = _KINDS[quote]
        self.value = ""
        self.folding = False  # a line break was read, and nothing but blanks since
        self.began = (buffer.line, buffer.column)
        self.blanks_end = 0  # where the run of blanks that was looked through last ends: it is looked through once
        self.skipped = 0  # the reader passes one character too many behind the scalar for each tab inside it

    def scan(self) -> None:
        buffer, text = self.buffer, self.buffer.text
        start = buffer.at
        buffer.advance()
        while buffer.at < buffer.size:
            end = self._plain_run()
            if end > buffer.at:
                self.value += text[buffer.at : end]
                self.folding = False
                buffer.advance(end - buffer.at)
                continue
            if self._special(text[buffer.at]):
                line, column = self.began
                token = YamlToken(self.kind, self.value, line, column, origin=buffer.origin + text[start : buffer.at])
                buffer.tokens.append(token)
                buffer.empty()
                buffer.advance(self.skipped)
                return
        line, column = self.began
        buffer.refuse(f"could not find end character of {self.name}-quoted text", line=line, column=column)

    def _plain_run(self) -> int:
        """Where the characters that mean themselves end."""
        text, at = self.buffer.text, self.buffer.at
        if self.folding and text[at] in " \t":
            return at
        run = _RUNS[self.quote].match(text, at)
        return run.end() if run else at

    def _special(self, char: str) -> bool:
        """Whether it was the end."""
        buffer = self.buffer
        if char in BREAKS:
            self._line_break()
        elif self.folding and char == " ":
            buffer.advance()
        elif self.folding and char == "\t":
            if buffer.key_column >= buffer.column:
                buffer.refuse(f"tab character cannot be used for indentation in {self.name}-quoted text")
            buffer.advance()
        elif char == "\\":
            self._escape()
        elif char == "\t":
            self._tab()
        elif self.quote == "'" and buffer.peek() == "'":
            self.value += "'"
            buffer.advance(2)
        else:
            buffer.advance()
            return True
        return False

    def _line_break(self) -> None:
        buffer = self.buffer
        self.value = self.value.rstrip(" ") + ("\n" if self.folding else " ")
        self.folding = True
        buffer.new_line()
        if separates_documents(buffer):
            buffer.refuse("found unexpected document separator")

    def _tab(self) -> None:
        """A tab counts unless only blanks follow it up to the line's end."""
        buffer = self.buffer
        if buffer.at >= self.blanks_end and (run := _BLANKS.match(buffer.text, buffer.at)):
            self.blanks_end = run.end()
        if buffer.text[self.blanks_end : self.blanks_end + 1] in ("", *BREAKS):
            buffer.advance(self.blanks_end - buffer.at)
        else:
            self.value += "\t"
            self.skipped += buffer.peek() != '"'
            buffer.advance()

    def _escape(self) -> None:
        self.folding = False
        buffer, char = self.buffer, self.buffer.peek()
        if char in ("u", "U", "x"):
            self._code(char)
        elif char == "":
            self.value += "\\"
            buffer.advance()
        elif char in _ESCAPES:
            self.value += _ESCAPES[char]
            buffer.advance(2)
        elif char in BREAKS:
            self.folding = True
            crlf = buffer.text[buffer.at + 1 : buffer.at + 3] == "\r\n"
            buffer.at += 2 if crlf else 1
            buffer.new_line()
        else:
            buffer.advance()
            buffer.refuse(f"found unknown escape character {_shown(char)}")

    def _code(self, char: str) -> None:
        buffer, text, at = self.buffer, self.buffer.text, self.buffer.at
        if char == "x":
            if at + 3 >= buffer.size:
                self.value += char
                buffer.advance(2)
            else:
                self._character(text[at + 2 : at + 4])
                buffer.advance(4)
            return
        width = _WIDTHS[char]
        if at + 1 + width >= buffer.size:
            buffer.refuse(f"not enough length for escaped UTF-{16 if width == 4 else 32} character")
        code = text[at + 2 : at + 2 + width]
        if width == 4 and 0xD800 <= _hexadecimal(code) <= 0xDBFF:
            self._pair(_hexadecimal(code))
            return
        self._character(code)
        buffer.advance(2 + width)

    def _pair(self, high: int) -> None:
        buffer, text, at = self.buffer, self.buffer.text, self.buffer.at
        if at + 11 >= buffer.size:
            buffer.refuse("not enough length for escaped UTF-16 surrogate pair")
        if text[at + 6 : at + 8] != "\\u":
            buffer.refuse("found unexpected character after high surrogate for UTF-16 surrogate pair")
        low = _hexadecimal(text[at + 8 : at + 12])
        if not 0xDC00 <= low <= 0xDFFF:
            buffer.refuse("found unexpected low surrogate after high surrogate")
        self.value += chr((high - 0xD800) * 0x400 + low - 0xDC00 + 0x10000)
        buffer.advance(12)

    def _character(self, digits: str) -> None:
        code = _hexadecimal(digits)
        self.value += chr(code) if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _hexadecimal(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0xFFFD


def _shown(char: str) -> str:
    return "'" + (char if char.isprintable() and char != "'" else ascii(char).strip("'\"")) + "'"


def separates_documents(buffer: Buffer) -> bool:
    """Whether --- or ... stands here."""
    rest = buffer.text[buffer.at : buffer.at + 4]
    return len(rest) >= 3 and rest.rstrip(" \t\n\r") in ("---", "...")
