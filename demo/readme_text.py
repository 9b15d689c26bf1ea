"""READMEs made from the tools' facts."""

from __future__ import annotations

from demo.tools import Tool


def readme(tool: Tool) -> str | None:
    """A README.md in English, or French where a tool was made in France; None where the facts are no more than a
    sentence."""
    tag = _language(tool)
    return f"# {tool.name}\n\n{tool.description[tag]}\n\n{tool.long[tag]}\n" if tag in tool.long else None


def copied_readme(tool: Tool, body: str) -> str:
    """The README of a tool's copy, which says whose it is, and that this body was invented."""
    told = f"> {body} was invented for a demonstration. This is its copy of {tool.name}, at {tool.repository}.\n"
    own = readme(tool) or f"# {tool.name}\n\n{tool.description['en']}\n"
    return f"{own}\n{told}"


def _language(tool: Tool) -> str:
    return "fr" if tool.countries == ("FR",) and "fr" in tool.long else "en"
