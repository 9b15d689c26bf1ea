"""The log as lines of JSON, with the run and the source that a line is about, and without secrets."""

from __future__ import annotations

import json
import logging

import pytest

from harvester.log import configure_logging, telling


def test_a_line_of_text_tells_its_time_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging("INFO", "text")
        told = {"name": "tests.log", "levelno": logging.INFO, "levelname": "INFO", "msg": "x", "created": 0}
        logging.getLogger("tests.log").handle(logging.makeLogRecord(told))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert capsys.readouterr().err == "1970-01-01T00:00:00Z INFO tests.log: x\n"


def test_a_line_is_an_object_that_says_of_which_run_and_source_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging("INFO", "json")
        log = logging.getLogger("tests.log")
        with telling(run=7, source="sill"):
            log.info("token %s\nand a second line", "ghp_" + "a" * 36)
            try:
                raise ValueError("what broke")
            except ValueError:
                log.exception("it broke")
        log.info("of no run")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    first, second, third = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["run"], first["source"], first["level"], first["logger"]) == (7, "sill", "INFO", "tests.log")
    assert first["message"] == "token [secret]\nand a second line"
    assert first["time"].endswith("+00:00")
    assert "ValueError: what broke" in second["exception"]
    assert "run" not in third
