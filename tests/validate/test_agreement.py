"""Our verdicts beside the official validator's, on files that people wrote and on its own test files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.harvested import HarvestedCorpus

from tools.verdicts import cases

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("corpus"), pytest.mark.timeout(1800)]


def test_our_verdicts_are_the_official_ones(harvested_corpus: HarvestedCorpus) -> None:
    """As `make corpus` counted them: tools.verdicts.agreement."""
    found = harvested_corpus.report["validator"]
    assert found["parser_go"]["cases"] == 70
    assert found["parser_go"]["agree"] >= 68
    recorded = found["recorded"]
    assert recorded["files"] == 2428
    assert recorded["same_verdict"] >= 0.99 * 2428
    assert recorded["same_errors"] >= 0.95 * 2428


def test_the_one_case_that_differs_needs_the_network(corpus: Path) -> None:
    assert [name for name, same in cases(corpus / "publiccode") if not same] == [
        "testdata/v0/invalid/logo_missing_url.yml"
    ]
