"""One input, every reader: what a fuzzer calls. Run it for as long as you like: `python tests/fuzz/target.py`.

Options are libFuzzer's (`-runs=100000`, `-max_total_time=60`, a folder that keeps what was found).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["harvester.normalize"]):
    from harvester.normalize import citation, civic_json, code_json, codemeta, github, gitlab, publiccode
    from harvester.normalize.licenses import family, spdx
    from harvester.normalize.readme import plain_text

from harvester.catalogue.codec import dump
from harvester.model import Outcome, RawItem, Reading

READERS = (publiccode.read, codemeta.read, code_json.read, civic_json.read, citation.read, github.read, gitlab.read)
CONTEXTS = ({}, {"repository": "https://github.com/a/b"}, {"country": "FR", "catalogue": "x", "agency": "GSA"})


def one_input(data: bytes) -> None:
    """Nothing may escape, and what is read has to be what a database takes."""
    if not data:
        return
    choice, payload = data[0], data[1:]
    if choice < 32:
        text = payload.decode("utf-8", "surrogatepass") if _decodes(payload) else payload.decode("latin-1")
        meaning = spdx(text)
        assert meaning is None or spdx(meaning) == meaning
        family(text)
        said = plain_text(text, path="README.md" if choice % 2 else "README.rst")
        assert said is None or 0 < len(said) <= 2000
    elif choice < 64:
        found, issues = code_json.releases(payload, url="https://x.example")
        assert found or issues
    else:
        read = READERS[choice % len(READERS)]
        item = RawItem(
            key="k",
            format="x",
            payload=payload,
            url="https://x.example",
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            context=CONTEXTS[choice // len(READERS) % len(CONTEXTS)],
        )
        _holds(read(item))


def _decodes(payload: bytes) -> bool:
    try:
        payload.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _holds(reading: Reading) -> None:
    assert (reading.outcome is Outcome.READ) is bool(reading.records)
    assert reading.outcome is not Outcome.REFUSED or reading.issues
    for record in reading.records:
        written = dump(record).encode()
        assert b"\0" not in written
        assert b"\\u0000" not in written


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
