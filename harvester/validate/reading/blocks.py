"""Block scalars: the header behind | or >, and the lines below it."""

from __future__ import annotations

from harvester.validate.reading.buffer import BREAKS, BlockState, Buffer, line_end, option_width
from harvester.validate.reading.quoted import separates_documents
from harvester.validate.reading.tokens import TokenKind, YamlToken


def scan_header(buffer: Buffer) -> None:
    """Begin a block scalar whose | or > stands here."""
    text, start = buffer.text, buffer.at
    literal = text[start] == "|"
    ends = max(min(line_end(text, start + 1), buffer.size - 1), start + 1)
    header = text[start + 1 : ends].rstrip(" ")
    option = header.partition("#")[0] if header.find("#") > 0 else header
    option = option.rstrip(" \t")
    buffer.at += 1
    _check_option(buffer, option)
    if buffer.column == 1:
        buffer.key_column = 1
    kind = TokenKind.LITERAL if literal else TokenKind.FOLDED
    token = buffer.add(kind, text[start] + option)
    token.origin = buffer.origin + text[start:ends]
    state = BlockState(literal=literal, option=option)
    width = option_width(option)
    state.first_column = buffer.key_column + width if width else 0
    buffer.block = state
    buffer.reset()
    crlf = text[ends : ends + 2] == "\r\n"
    buffer.at = ends + crlf
    buffer.new_line()


def _check_option(buffer: Buffer, option: str) -> None:
    digits = option.removeprefix("-").removeprefix("+").removesuffix("-").removesuffix("+")
    if not digits:
        return
    number = digits.removeprefix("-") if digits.removeprefix("-").isascii() else ""
    if not number.isdigit() or digits == "0" or (not digits.startswith("-") and int(digits) > 9):
        shown = option.replace("\\", "\\\\").replace('"', '\\"')
        buffer.refuse(f'invalid header option: "{shown}"')


def scan_line(buffer: Buffer) -> None:
    """More of the block scalar: from here to the end of the line, or of its indentation."""
    block = buffer.block
    assert block is not None
    char = buffer.text[buffer.at]
    if buffer.at == buffer.size - 1:
        _last(buffer, block, char)
    elif char in BREAKS:
        _line_break(buffer, block, char)
    elif buffer.line_begins and char == " ":
        _indentation(buffer, block)
    elif buffer.line_begins and char == "\t" and block.is_indentation(buffer.column):
        buffer.refuse("found a tab character where an indentation space is expected")
    elif char == "\t" and not block.is_indentation(buffer.column):
        buffer.scalar += char
        buffer.solid = len(buffer.scalar)
        buffer.note_origin(char)
        buffer.advance()
    else:
        _text(buffer, block)


def _last(buffer: Buffer, block: BlockState, char: str) -> None:
    """The last character of the text."""
    buffer.note_origin("\n" if char == "\r" else char)
    if buffer.line_begins and char == " ":
        _indent(buffer, block, 1)
    else:
        buffer.add_text("\n" if char == "\r" else char)
    block.begin_text(buffer.column)
    _check_indentation(buffer, block)
    buffer.tokens.append(YamlToken(TokenKind.STRING, buffer.value(), buffer.line, buffer.column, origin=buffer.origin))
    buffer.empty()
    buffer.advance()


def _line_break(buffer: Buffer, block: BlockState, char: str) -> None:
    if char == "\r" and buffer.peek() == "\n":
        buffer.at += 1
        buffer.note_origin("\r")
        if buffer.at == buffer.size - 1:
            _last(buffer, block, "\n")
            return
    buffer.note_origin("\n")
    buffer.add_text("\n")
    if block.first_column == 0:
        block.blank_column = buffer.column - 1
    block.next_line()
    buffer.new_line()
    if separates_documents(buffer):
        buffer.tokens.append(
            YamlToken(TokenKind.STRING, buffer.value(), buffer.line, buffer.column, origin=buffer.origin)
        )
        buffer.empty()


def _indentation(buffer: Buffer, block: BlockState) -> None:
    text, end = buffer.text, buffer.at
    while end < buffer.size - 1 and text[end] == " ":
        end += 1
    count = end - buffer.at
    buffer.note_origin(" " * count)
    _indent(buffer, block, count)
    buffer.indentation += count - 1  # the first one was counted by the caller
    buffer.advance(count)


def _indent(buffer: Buffer, block: BlockState, count: int) -> None:
    """Spaces at a line's beginning: those past the block's indentation belong to its text."""
    if block.first_column == 0:
        return
    extra = min(count, buffer.column + count - block.first_column)
    if extra <= 0:
        return
    if not block.literal:
        block.folding = False
    buffer.scalar += " " * extra
    buffer.solid = len(buffer.scalar)


def _check_indentation(buffer: Buffer, block: BlockState) -> None:
    if option_width(block.option) and block.first_column > block.line_column:
        buffer.refuse("invalid number of indent is specified in the multi-line header")


def _text(buffer: Buffer, block: BlockState) -> None:
    if block.first_column == 0 and block.blank_column > buffer.column:
        buffer.refuse("invalid number of indent is specified after space only")
    block.begin_text(buffer.column)
    _check_indentation(buffer, block)
    if block.first_column > 1:
        buffer.key_column = block.first_column - 1
    _fold(buffer, block)
    text, end = buffer.text, buffer.at + 1
    end = max(end, min(line_end(text, end), buffer.size - 1))
    run = text[buffer.at : end]
    if not buffer.scalar:
        run = run.lstrip(" ")
    buffer.scalar += run
    solid = len(run.rstrip(" "))
    if solid:
        buffer.solid = len(buffer.scalar) - len(run) + solid
    buffer.note_origin(run)
    buffer.advance(end - buffer.at)
    buffer.line_begins = False


def _fold(buffer: Buffer, block: BlockState) -> None:
    """The break before this line becomes a space where both lines stand in the same column."""
    if block.literal or not block.folding:
        return
    block.folding = False
    if block.line_column == block.last_column:
        if buffer.scalar.endswith("\n"):
            buffer.scalar = buffer.scalar[:-1] + " "
    elif block.last_column == 0 and block.text_column == buffer.column and buffer.scalar.endswith("\n\n"):
        buffer.scalar = buffer.scalar[:-1]
        buffer.solid = len(buffer.scalar)


def end(buffer: Buffer) -> None:
    """What stands here is no more of the block scalar; an empty one is a token, too."""
    if buffer.tokens:
        last = buffer.tokens[-1]
        if last.column == 1:
            buffer.refuse("could not find multi-line content")
        if last.kind is not TokenKind.STRING:
            buffer.tokens.append(YamlToken(TokenKind.STRING, "", buffer.line, buffer.column))
    buffer.block = None
