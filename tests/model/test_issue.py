"""Issues are made of codes; what the codes say stands in one table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.model import Issue, Severity
from harvester.model.issue import ISSUES
from tools.issue_codes import page

ROOT = Path(__file__).parents[2]
RAISE = {"of", "issue", "doubt", "refused", "add"}
"""What takes a code as its first argument."""


def trees() -> Iterator[ast.Module]:
    for folder in ("harvester", "spiders", "pipelines"):
        for path in (ROOT / folder).rglob("*.py"):
            if "validate" not in path.parts and path.name != "issue.py":
                yield ast.parse(path.read_text(encoding="utf-8"))


def words(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def test_every_code_that_is_raised_stands_in_the_table_and_no_issue_is_made_without_one() -> None:
    strange, bare = set(), []
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name == "Issue":
                bare.append(ast.unparse(node)[:80])
            if (
                name in RAISE
                and node.args
                and (name != "of" or owner == "Issue")
                and (name != "add" or "faults" in owner)
            ):
                first = node.args[0]
                told = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                strange |= {one.value for one in told if isinstance(one, ast.Constant)} - ISSUES.keys()
    assert (strange, bare) == (set(), [])


def test_every_code_of_the_table_is_raised_somewhere() -> None:
    said = {word for tree in trees() for word in words(tree)}
    assert sorted(ISSUES.keys() - said) == []


def test_the_page_of_codes_is_made_of_the_table() -> None:
    assert (ROOT / "docs" / "issues.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("code", sorted(ISSUES))
def test_a_code_says_what_is_wrong_and_what_to_do(code: str) -> None:
    issue = Issue.of(code, place="key", value="x{y}", **dict.fromkeys(ISSUES[code].arguments, "a{b}"))  # type: ignore[arg-type]
    assert issue.message
    assert issue.remedy
    assert "None" not in issue.message + issue.remedy


def test_an_unknown_code_or_argument_is_the_programs_mistake() -> None:
    with pytest.raises(KeyError):
        Issue.of("of-tomorrow")
    with pytest.raises(TypeError, match="found"):
        Issue.of("short-listing", total=3)


def test_a_stored_code_that_no_version_knows_any_more_is_shown_as_it_is() -> None:
    old = Issue(code="of {yesterday}")
    assert (old.message, old.remedy, old.severity) == ("of {yesterday}", "", Severity.ERROR)


def test_values_are_cut() -> None:
    assert len(Issue.of("bad-url", value="x" * 999).value or "") == 200
