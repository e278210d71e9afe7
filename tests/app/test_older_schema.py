"""F14: a journal that was recorded before the state's schema changed is another version's, not a damaged one.

`recorded/schema-2.wal` is the journal of a paper run of 60 bars of `tests/app/small_run.py`, by the last commit whose schema was 2.
"""

import shutil
from pathlib import Path

import pytest
from tests.app.cli_kit import Said, veracity
from tests.app.test_cli_wal import document
from tests.journal.journals import everything, write_journal

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.journal.errors import JournalVersionMismatch
from veracity.journal.reader import read
from veracity.runtime.recovery import restart
from veracity.runtime.replay import fold
from veracity.state.schema import SCHEMA_VERSION

RECORDED = Path(__file__).parent / "recorded" / "schema-2.wal"
RUN_ID = "456543d399677b3c"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The run directory, as far as a journal needs one."""
    wal = tmp_path / "older" / "wal"
    wal.mkdir(mode=0o700, parents=True)
    shutil.copyfile(RECORDED, wal / "00000001.wal")
    (wal / "00000001.wal").chmod(0o600)
    return wal.parent


def test_its_checkpoint_is_another_hash_now_so_a_fold_cannot_tell_it_from_a_damaged_one(older: Path) -> None:
    with pytest.raises(OperatorFault, match="seq 77 does not fold: the state's hash is") as fault:
        fold(read(older / "wal"), ())
    assert fault.value.exit_code is ExitCode.FINDING


@pytest.mark.ticket("T-116")
@pytest.mark.parametrize("verb", [("wal", "replay"), ("replay",)])
def test_a_replay_refuses_it_as_another_version_and_names_both(older: Path, verb: tuple[str, ...]) -> None:
    before = everything(older / "wal")
    said: Said = veracity(*verb, older, "--json")
    assert said.code == 7
    (told,) = said.document["errors"]
    assert told["what"] == "the journal's events are of schema 2"
    assert f"reads and writes schema {SCHEMA_VERSION}" in told["why"]
    assert "with the code that wrote it" in told["hint"]
    assert everything(older / "wal") == before


@pytest.mark.ticket("T-116")
def test_a_start_refuses_it_before_it_folds_and_the_report_says_what_to_do(older: Path) -> None:
    reports = older / "reports"
    reports.mkdir()
    with pytest.raises(JournalVersionMismatch, match="the journal's events are of schema 2"):
        restart(
            older / "wal", older / "snapshots", run_id=RUN_ID, schema_version=SCHEMA_VERSION, reports=reports
        )
    page = (reports / "recovery.txt").read_text(encoding="utf-8")
    assert page.splitlines()[1].startswith("REFUSED")
    assert "with the code that wrote it" in page.splitlines()[-1]


def test_its_bytes_are_checked_and_its_records_shown_by_any_version(older: Path) -> None:
    assert document(veracity("wal", "verify", older / "wal", "--json"), "wal_verify")["good"] is True
    assert len(document(veracity("wal", "show", older / "wal", "--json"), "wal_records")["records"]) == 77


def test_a_record_of_no_known_kind_is_another_versions_where_the_schema_is_and_damage_where_it_is_not(
    tmp_path: Path,
) -> None:
    unheard = (1, b'{"kind":"never_heard_of","seq":1}')
    for schema, code in ((SCHEMA_VERSION - 1, 7), (SCHEMA_VERSION, 5), (SCHEMA_VERSION + 1, 7)):
        wal = write_journal(tmp_path / f"wal-{schema}", [unheard], schema_version=schema)
        assert (schema, veracity("wal", "verify", wal).code) == (schema, code)
        assert (schema, veracity("wal", "show", wal).code) == (schema, code)
