"""The Literal of ticket ids, from the ten ticket files."""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from veracity_gen import trace_ids
from veracity_gen.errors import SourceRefused


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    for section in range(1, 11):
        content = {"section": section, "tickets": [{"id": f"T-{section:03}"}, {"id": f"S-{section:03}"}]}
        (tmp_path / f"{section:02}-name.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path


def test_all_ids_come_in_the_order_of_the_files(tickets: Path) -> None:
    ids = trace_ids.ticket_ids(tickets)
    assert len(ids) == 20
    assert ids[:3] == ["T-001", "S-001", "T-002"]


def test_a_missing_section_is_refused_by_name(tickets: Path) -> None:
    (tickets / "07-name.yaml").unlink()
    with pytest.raises(SourceRefused, match=r"tickets/07-\*\.yaml: 0 files for section 7, expected one"):
        trace_ids.ticket_ids(tickets)


def test_an_id_that_stands_twice_is_refused(tickets: Path) -> None:
    (tickets / "02-name.yaml").write_text("tickets: [{id: T-001}]", encoding="utf-8")
    with pytest.raises(
        SourceRefused, match=r"02-name\.yaml: tickets\.0\.id: 'T-001' is no id or stands twice"
    ):
        trace_ids.ticket_ids(tickets)


def test_the_generated_literal_holds_the_716_ids_of_the_roadmap() -> None:
    from veracity_generated.trace_ids import TraceId

    ids = get_args(TraceId)
    assert [sum(one.startswith(kind) for one in ids) for kind in "TSI"] == [414, 156, 146]
    assert len(dict.fromkeys(ids)) == 716
