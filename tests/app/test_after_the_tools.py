"""Every command on a run whose journal was compacted or rewritten since it ended: none takes that for damage, and none
overlooks damage because of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.cli_kit import Said, veracity
from tests.app.real_runs import FREE, MORNING, TREND, run, write_config

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.paper_trade import Manner
from veracity.app.wal.explain import explain
from veracity.app.wal.select import Shown
from veracity.app.wal.shown import heard
from veracity.app.wal.target import target_of
from veracity.app.wal.words import Words
from veracity.domain.errors import OperatorFault
from veracity.journal.space import LIVE

SMALL = LIVE._replace(segment_bytes=6_000, preallocate_bytes=4_096, reserve_bytes=4_096, low_water_bytes=1)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper run that came to its end: eight segments and three snapshots."""
    folder = tmp_path_factory.mktemp("ended")
    manner = Manner(profile=SMALL, snapshot_every=60)
    config = load(write_config(folder, TREND, FREE))
    return run_paper(config, runs_dir=folder / "runs", clock=lambda: MORNING, manner=manner).run_dir


@pytest.fixture
def root(ended: Path, tmp_path: Path) -> Path:
    """A copy of it to be worked on."""
    return shutil.copytree(ended, tmp_path / ended.name)


@pytest.fixture
def compacted(root: Path) -> Path:
    """The copy, of which all is removed that its oldest snapshot covers."""
    assert veracity("wal", "compact", root, "--json").document["removed"]
    return root


@pytest.fixture(scope="module")
def backtest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    return run(write_config(folder, TREND, FREE), folder / "runs").run_dir


def first_seq(root: Path) -> int:
    seq = veracity("wal", "show", root, "--limit", 1, "--json").document["records"][0]["seq"]
    assert isinstance(seq, int)
    return seq


def checked(root: Path) -> tuple[int, list[tuple[str, str]]]:
    said = veracity("run", "check", root, "--json")
    return said.code, [(one["name"], one["what"]) for one in said.document["findings"]]


def refusal(said: Said) -> str:
    """What a command says that cannot do what it was asked, and is no finding."""
    assert said.code == 2
    return said.err


# ---------------------------------------------------------------- run check


def test_a_compacted_journal_is_as_it_was_and_judged_by_its_digests(compacted: Path) -> None:
    assert checked(compacted) == (0, [])
    gone = min((compacted / "wal").glob("*.zst"))
    gone.unlink()
    code, found = checked(compacted)
    assert (code, [name for name, _ in found]) == (5, [f"wal/{gone.stem}"])
    digests = compacted / "wal" / "digests.jsonl"
    digests.write_bytes(b"".join(digests.read_bytes().splitlines(keepends=True)[1:]))
    assert ("wal/digests.jsonl", "is another file") in checked(compacted)[1]


@pytest.mark.parametrize("is_compacted", [False, True])
def test_the_last_segment_has_no_digest_and_is_compared_with_the_end_marker(
    root: Path, is_compacted: bool
) -> None:
    if is_compacted:
        assert veracity("wal", "compact", root).code == 0
    last = max((root / "wal").glob("*.wal"))
    whole = last.read_bytes()
    last.write_bytes(whole[: whole[:-1].rindex(b"\n") + 1])
    assert checked(root) == (5, [(f"wal/{last.name}", "is another file")])
    last.write_bytes(whole)
    (root / "wal" / "keeper.lock").write_bytes(b"more")
    assert checked(root) == (5, [("wal/keeper.lock", "is another file")])


def test_a_journal_that_was_rewritten_is_judged_by_the_one_that_was_set_aside(root: Path) -> None:
    for version in (1, 2):
        assert veracity("wal", "upgrade", root, "--to", version).code == 0
        assert checked(root) == (0, [])
    rewritten = root / "wal" / "00000002.wal"
    lines = rewritten.read_bytes()
    rewritten.unlink()
    assert "the segment before is missing" in veracity("run", "check", root).err
    rewritten.write_bytes(lines)
    rewritten.chmod(0o600)
    last = max((root / "wal").glob("*.wal"))
    last.write_bytes(last.read_bytes()[: last.read_bytes()[:-1].rindex(b"\n") + 1])
    assert veracity("wal", "verify", root).code == 0
    assert checked(root) == (5, [("wal", "does not hold the records of wal.v2")])


def test_a_backtest_that_was_rewritten_there_and_back_is_made_again_as_it_was(
    backtest: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(backtest, tmp_path / backtest.name)
    refused = veracity("wal", "compact", root)
    assert "there is no snapshot that proves itself" in refusal(refused)
    assert checked(root) == (0, [])
    for version in (1, 2):
        assert veracity("wal", "upgrade", root, "--to", version).code == 0
    assert checked(root) == (0, [])
    assert veracity("run", "repro", root, "-q", "--json").document["differing"] == []


# ---------------------------------------------------------------- what reads the whole


def test_what_needs_all_records_says_that_they_were_compacted_and_calls_nothing_damaged(
    compacted: Path,
) -> None:
    begins = first_seq(compacted)
    for words in (("replay", compacted), ("replay", compacted, "--rerun"), ("report", compacted)):
        told = refusal(veracity(*words))
        assert f"the journal was compacted: it begins with seq {begins}," in told
    known = veracity("wal", "compact", compacted, "--json").document["snapshot"]
    at = int(known.partition(".")[0])
    assert f"--until {at}" in refusal(veracity("wal", "replay", compacted, "--until", at - 1))
    there = veracity("wal", "replay", compacted, "--until", at, "--json").document
    assert (there["seq"], there["ends"]) == (at, "until")
    rewritten = veracity("wal", "upgrade", compacted, "--to", 1)
    assert (rewritten.code, "a compacted journal stays with the version" in rewritten.err) == (7, True)


def test_what_reads_the_rest_finds_nothing_wrong_with_it(ended: Path, compacted: Path) -> None:
    for words in (("verify",), ("scrub", "--fast"), ("audit",), ("repair",), ("repair", "--mode", "salvage")):
        assert veracity("wal", *words, compacted).code == 0, words
    left = veracity("wal", "verify", compacted, "--json").document
    assert left["records"] == sum(left["kinds"].values()) == left["seq_last"] - first_seq(compacted) + 1
    assert veracity("run", "diff", ended, compacted).code == 0
    assert (
        veracity("wal", "replay", compacted, "--json").document["state_hash"]
        == veracity("wal", "replay", ended, "--json").document["state_hash"]
    )


# ---------------------------------------------------------------- show and explain


def test_every_record_that_is_left_is_shown_in_the_words_that_it_had(ended: Path, compacted: Path) -> None:
    """The record that listed the instrument is gone; the snapshot has it."""
    whole, rest = veracity("wal", "show", ended), veracity("wal", "show", compacted)
    lines = whole.out.splitlines()
    begins = first_seq(compacted)
    assert rest.out.splitlines() == lines[begins - 1 :]
    assert f"the journal begins with seq {begins}: what came before was compacted" in rest.err
    assert "compacted" not in veracity("wal", "show", compacted, "--seq", f"{begins}..").err
    tail = veracity("wal", "tail", compacted, "-n", 5)
    assert tail.out.splitlines() == lines[-5:]


def test_an_order_that_began_before_what_is_left_is_no_broken_chain(ended: Path, compacted: Path) -> None:
    fills = veracity("wal", "show", ended, "--kind", "order_filled", "--json").document["records"]
    begins = first_seq(compacted)
    gone = [fill for fill in fills if fill["seq"] < begins]
    left = [fill for fill in fills if fill["seq"] >= begins]
    assert gone
    assert f"from seq {begins} on" in refusal(veracity("wal", "audit", compacted, gone[0]["order_id"]))
    for fill in left:
        assert veracity("wal", "audit", compacted, fill["order_id"]).code == 0
    target = target_of(ended.parent, str(ended))

    def cut() -> Iterator[Shown]:
        """As if a segment had begun with the fill."""
        return (one for one in heard(target, Words()) if one.record.seq >= left[0]["seq"])

    with pytest.raises(OperatorFault, match="what came before was compacted") as refused:
        explain(cut, left[0]["order_id"], left[0]["seq"])
    assert refused.value.exit_code == 2
    assert explain(cut, left[0]["order_id"]).broken


# ---------------------------------------------------------------- of another format


def test_a_journal_of_an_older_format_is_no_damage_to_what_checks_files(root: Path) -> None:
    assert veracity("wal", "upgrade", root, "--to", 1).code == 0
    for verb in ("verify", "scrub", "audit", "show", "tail", "replay", "repair"):
        said = veracity("wal", verb, root)
        assert (said.code, "journal format 1 cannot be read" in said.err) == (7, True), verb
