"""docs/issues.md, made of the table of issues: python -m tools.issue_codes > docs/issues.md"""

from __future__ import annotations

from harvester.model.issue import ISSUES

_BEGINNING = """# Issues

What was wrong or doubtful in the input, by its code. An **error** means that the item, or this value of it, could not
be used; a **warning** that it was used, with a doubt. Words in italics stand for what the issue at hand is about. Every
issue says where it is: the source, the item, the key, and in a file the line and column.

This page is made of the table in `harvester/model/issue.py`: `python -m tools.issue_codes > docs/issues.md`.

| code | severity | what is wrong | what to do |
|---|---|---|---|
"""


def page() -> str:
    """The page, in Markdown."""
    rows = (f"| `{code}` | {kind.severity} | {kind.message} | {kind.remedy} |" for code, kind in sorted(ISSUES.items()))
    return _BEGINNING + "\n".join(rows).replace("{", "*").replace("}", "*") + "\n"


if __name__ == "__main__":
    print(page(), end="")
