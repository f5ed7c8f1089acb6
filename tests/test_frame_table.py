"""The table of all frames in doc/protocol.md is complete and says what is so."""

import json
import re

import pytest
import yaml

from custom_components.ykc.protocol import MESSAGES

from .frame_table import DOCUMENT, ROOT, TRANSLATIONS, described, plays, rows, with_table

FRAMES = {message.TYPE for message in MESSAGES.values() if message.SECTION}


def test_each_frame_has_a_whole_row() -> None:
    """51 rows, each with its frame, class, name, sender, what it serves and one test."""
    table = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows()]
    assert {int(row[0], 16) for row in table} == FRAMES
    assert len(table) == 51
    assert [row for row in table if len(row) != 6 or not all(row)] == []
    assert [row for row in table if not re.fullmatch(r"`tests/e2e/day/test_\w+\.py::test_\w+`", row[5])] == []


def test_the_document_has_this_table() -> None:
    """To make it anew: `scripts/tables`."""
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == with_table(document)


def test_the_day_plays_nothing_that_is_no_frame() -> None:
    """The marks name frames of the specification."""
    assert {frame for play in plays() for frame in play.frames} <= FRAMES


def test_what_is_served_is_there() -> None:
    """Every entity, action, issue and form that a mark names is one that a person has; an action is offered."""
    texts = json.loads(TRANSLATIONS.read_text(encoding="utf-8"))
    actions = yaml.safe_load((ROOT / "custom_components/ykc/services.yaml").read_text(encoding="utf-8"))
    for used in {used for play in plays() for used in play.serves}:
        assert described(used, texts)
        kind, _, key = used.partition(".")
        assert kind != "ykc" or key in actions
    with pytest.raises(KeyError):
        described("sensor.renamed", texts)
