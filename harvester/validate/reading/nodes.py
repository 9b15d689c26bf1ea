"""The tree of a text, with the place of every key and value."""

from __future__ import annotations

from harvester.validate.reading.tokens import TokenKind, YamlToken, text_of

Place = tuple[int, int]
NOWHERE: Place = (0, 0)


class YamlNode:
    """A value. `token` is where it stands: a mapping stands at the colon of its first key (or at its brace), a
    sequence at its first dash (or bracket), an anchored or tagged value at its anchor or tag."""

    __slots__ = ("token",)

    def __init__(self, token: YamlToken) -> None:
        self.token = token

    @property
    def place(self) -> Place:
        """Line and column, from 1."""
        return self.token.line, self.token.column


class Scalar(YamlNode):
    """A single value; `block` when it stands below | or >."""

    __slots__ = ("block", "content")

    def __init__(self, token: YamlToken, content: YamlToken | None = None) -> None:
        super().__init__(token)
        self.block = content is not None
        self.content = content or token

    @property
    def is_null(self) -> bool:
        return self.content.kind in (TokenKind.NULL, TokenKind.NO_VALUE)

    @property
    def is_text(self) -> bool:
        """Whether it is text on its own line, neither number nor block."""
        return not self.block and self.content.kind in (
            TokenKind.STRING,
            TokenKind.SINGLE_QUOTED,
            TokenKind.DOUBLE_QUOTED,
        )

    @property
    def text(self) -> str | None:
        return self.content.value if self.block else text_of(self.content)


class Merge(YamlNode):
    """The key <<."""

    __slots__ = ()


class Mapping(YamlNode):
    """Keys and values, as they stand."""

    __slots__ = ("_by_name", "entries", "flow")

    def __init__(self, token: YamlToken, *, flow: bool) -> None:
        super().__init__(token)
        self.flow = flow
        self.entries: list[tuple[YamlNode, YamlNode]] = []
        self._by_name: dict[str, tuple[YamlNode, YamlNode]] = {}

    def entry(self, name: str) -> tuple[YamlNode, YamlNode] | None:
        """The first key written so, with its value."""
        if len(self._by_name) == 0:
            self._by_name = {key.token.value: (key, value) for key, value in reversed(self.entries)}
        return self._by_name.get(name)


class Sequence(YamlNode):
    """Items, as they stand."""

    __slots__ = ("items",)

    def __init__(self, token: YamlToken) -> None:
        super().__init__(token)
        self.items: list[YamlNode] = []


class Anchored(YamlNode):
    """A value with a name (&name)."""

    __slots__ = ("name", "value")

    def __init__(self, token: YamlToken, name: str, value: YamlNode) -> None:
        super().__init__(token)
        self.name = name
        self.value = value


class Alias(YamlNode):
    """A value that stands elsewhere (*name)."""

    __slots__ = ("name",)

    def __init__(self, token: YamlToken, name: YamlToken) -> None:
        super().__init__(token)
        self.name = name


class Tagged(YamlNode):
    """A value with a tag (!tag)."""

    __slots__ = ("value",)

    def __init__(self, token: YamlToken, value: YamlNode) -> None:
        super().__init__(token)
        self.value = value


class ExplicitKey(YamlNode):
    """A key behind a question mark."""

    __slots__ = ("value",)

    def __init__(self, token: YamlToken, value: YamlNode) -> None:
        super().__init__(token)
        self.value = value


class Directive(YamlNode):
    """A document that is a directive only."""

    __slots__ = ()
