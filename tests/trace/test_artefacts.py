import sys
import types

import pytest
from tests.trace.make import ticket

from veracity_trace.artefacts import spec_gaps, symbol_gaps

SPEC = ticket("S-001", checks=("T-001", "T-002"), spec="specs/things/rules.md#s-001")
WHOLE = "# Rules\n\n## S-001 Halves\n\nHalves are exact (T-001, T-002).\n"


def missing(root, text):
    (root / "specs/things").mkdir(parents=True)
    (root / "specs/things/rules.md").write_text(text, encoding="utf-8")
    return list(spec_gaps(root, SPEC))


def test_a_section_that_names_its_checks_is_whole(tmp_path):
    assert missing(tmp_path, WHOLE) == []


def test_a_text_that_does_not_exist_is_a_gap(tmp_path):
    assert list(spec_gaps(tmp_path, SPEC)) == ["specs/things/rules.md does not exist"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("## S-002 Thirds\nT-001 T-002\n", 0),
        ("### S-001 Halves\nT-001 T-002\n", 0),
        ("```\n## S-001 Halves\nT-001 T-002\n```\n", 0),
        (WHOLE + WHOLE, 2),
    ],
)
def test_a_ticket_has_exactly_one_section_of_level_two(tmp_path, text, count):
    assert missing(tmp_path, text) == [
        f"specs/things/rules.md has {count} sections '## S-001 ...' instead of one"
    ]


def test_a_check_is_named_inside_the_section_not_in_a_neighbour(tmp_path):
    text = "T-001\n## S-001 Halves\nT-002\n### Details\n## S-002 Thirds\nT-001\n"
    assert missing(tmp_path, text) == ["the section S-001 of specs/things/rules.md does not name T-001"]


def test_a_heading_in_a_code_block_does_not_end_the_section(tmp_path):
    assert missing(tmp_path, "## S-001 Halves\n```\n# a comment\n```\nT-001, T-002\n") == []


@pytest.fixture
def module(monkeypatch):
    """A module with a hand-written class, a constant and something from the generated package."""

    class Halver:
        def halve(self):
            return 1

    made = type("Made", (), {"__module__": "veracity_generated.events"})
    Halver.__module__ = "trace_sample_code"
    module = types.ModuleType("trace_sample_code")
    module.Halver, module.TABLE, module.Made = Halver, {"a": 1}, made
    monkeypatch.setitem(sys.modules, "trace_sample_code", module)
    monkeypatch.setitem(sys.modules, "veracity_generated.sample", module)
    return module


def gaps_of(symbol):
    return list(symbol_gaps(ticket("I-001", symbol=symbol)))


@pytest.mark.parametrize("qualname", ["Halver", "Halver.halve", "TABLE"])
def test_a_written_class_method_or_table_is_a_symbol(module, qualname):
    assert gaps_of(f"trace_sample_code:{qualname}") == []


@pytest.mark.parametrize(
    ("symbol", "why"),
    [
        ("trace_sample_nowhere:halve", "No module named 'trace_sample_nowhere'"),
        ("trace_sample_code:Third", "module 'trace_sample_code' has no attribute 'Third'"),
        ("trace_sample_code:Halver.third", "type object 'Halver' has no attribute 'third'"),
    ],
)
def test_a_symbol_that_does_not_import_is_a_gap(module, symbol, why):
    assert gaps_of(symbol) == [f"{symbol} cannot be imported: {why}"]


def test_a_generated_symbol_is_a_gap_wherever_it_is_imported_from(module):
    assert gaps_of("trace_sample_code:Made") == [
        "trace_sample_code:Made is generated (veracity_generated.events); an I ticket names code that somebody wrote"
    ]


def test_a_constant_of_the_generated_package_is_a_gap(module):
    assert gaps_of("veracity_generated.sample:TABLE") == [
        "veracity_generated.sample:TABLE is generated (veracity_generated.sample); "
        "an I ticket names code that somebody wrote"
    ]
