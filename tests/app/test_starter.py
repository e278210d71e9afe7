"""`veracity init` and `veracity demo`: the first minute."""

import re
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.docs.pages import CHECKOUT

from veracity.app.config import load
from veracity.app.starter import BARS, CONFIG, PROGRAM, SCHEMA, STRATEGY, write_project

FILES = sorted((BARS, CONFIG, PROGRAM, SCHEMA, STRATEGY))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first") / "my-bot"
    write_project(folder)
    return folder


def test_the_config_is_accepted_as_it_is(project: Path) -> None:
    loaded = load(project / CONFIG)
    assert [setup.bound.strategy.name for setup in loaded.strategies] == ["momentum"]
    assert sorted(path.name for path in project.iterdir()) == FILES
    assert project.stat().st_mode & 0o777 == 0o755


def test_every_example_that_is_not_set_may_be_set(project: Path, tmp_path: Path) -> None:
    """Taking the mark from each line that looks like a key or a table leaves a config that is accepted."""
    text = (project / CONFIG).read_text(encoding="utf-8")
    unset = re.compile(r"^# (?=(?:[a-z_]+ = |\[strategies\.))", re.MULTILINE)
    assert len(unset.findall(text)) >= 8
    (tmp_path / CONFIG).write_text(unset.sub("", text), encoding="utf-8")
    (tmp_path / BARS).symlink_to(project / BARS)
    loaded = load(tmp_path / CONFIG)
    assert loaded.strategies[0].bound.limits.drawdown == 200_000_000  # 0.2


def test_two_projects_are_the_same_to_the_last_byte(project: Path, tmp_path: Path) -> None:
    write_project(tmp_path / "again")
    assert {name: (tmp_path / "again" / name).read_bytes() for name in FILES} == {
        name: (project / name).read_bytes() for name in FILES
    }


def test_the_tutorial_shows_the_files_that_are_written(project: Path) -> None:
    page = (CHECKOUT / "docs" / "tutorials" / "first-strategy.md").read_text(encoding="utf-8")
    for name in (STRATEGY, PROGRAM):
        assert f"```python\n{(project / name).read_text(encoding='utf-8')}```\n" in page, name


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_project(tmp_path / "empty")
    assert (tmp_path / "empty" / CONFIG).is_file()


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A directory with anything in it, a file, and a link to nowhere are refused, and nothing is left beside them."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    before = sorted(path.name for path in tmp_path.iterdir())
    for name in before:
        said = veracity("init", tmp_path / name)
        assert said.code == 7, name
        assert "nothing is ever overwritten" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_where_it_cannot_be_written_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = veracity("init", tmp_path / "file" / "my-bot")
    assert said.code == 2
    assert said.err.startswith(
        f"error: {tmp_path}/file/my-bot: cannot be made: {tmp_path}/file is no directory"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_script_is_told_the_files_and_the_next_commands(tmp_path: Path) -> None:
    said = veracity("--json", "init", tmp_path / "my-bot")
    assert said.code == 0
    assert sorted(said.document["files"]) == FILES
    assert said.document["next"][0].endswith(f"backtest -c {tmp_path}/my-bot/engine.toml")


def test_the_demo_runs_twice_to_the_same_hash_on_what_it_wrote(tmp_path: Path) -> None:
    first, second = (veracity("--json", "--run-dir", tmp_path / "runs", "demo") for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert first.document["state_hash"] == second.document["state_hash"]
    assert sorted(path.name for path in (tmp_path / "runs" / "demo").iterdir()) == FILES
    assert len(first.document["summary"]["baselines"]) >= 3
