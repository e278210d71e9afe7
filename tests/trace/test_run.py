import json

import pytest
from tests.trace.make import result

from veracity_trace.run import Run, RunUnreadable, changed_files, hash_files, read_run, write_run

RUN = Run(0, True, ("-k a",), {"tests/a.py": "00"}, (result("tests/a.py::b", "T-001", asserts=2),))


def test_a_run_is_read_as_it_was_written(tmp_path):
    write_run(RUN, tmp_path / "build/run.json")
    assert read_run(tmp_path / "build/run.json") == RUN
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["run.json"]


def test_a_run_of_another_format_is_refused(tmp_path):
    path = tmp_path / "run.json"
    write_run(RUN, path)
    path.write_text(path.read_text().replace("veracity-trace-run/1", "veracity-trace-run/0"))
    with pytest.raises(RunUnreadable, match="format 'veracity-trace-run/0', not 'veracity-trace-run/1'"):
        read_run(path)


@pytest.mark.parametrize("key", ["exit_status", "assertion_hook", "filters", "files", "tests"])
def test_a_run_that_lacks_something_is_refused(tmp_path, key):
    path = tmp_path / "run.json"
    write_run(RUN, path)
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    with pytest.raises(RunUnreadable, match=f"is not a run record: KeyError\\('{key}'\\)"):
        read_run(path)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "veracity-trace-run/1", "tests": [{}]}'])
def test_a_torn_run_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunUnreadable, match="is not a run record"):
        read_run(tmp_path / "run.json")


def test_a_run_that_never_was_is_refused(tmp_path):
    with pytest.raises(RunUnreadable, match=r"run\.json does not exist"):
        read_run(tmp_path / "run.json")


def test_only_what_belongs_to_a_run_is_hashed(tmp_path):
    for name in ("tests/a.py", "tests/data/a.bin", "src/b.py", "features/c.feature", "docs/d.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("tests/__pycache__/a.pyc", "tests/.cache/a", "tests/.a.py.swp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    hashes = hash_files(tmp_path)
    assert sorted(hashes) == ["features/c.feature", "src/b.py", "tests/a.py", "tests/data/a.bin"]
    # sha256 of nothing
    assert hashes["src/b.py"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_changed_added_and_removed_files_are_found(tmp_path):
    (tmp_path / "tests").mkdir()
    for name in ("same", "changed", "removed"):
        (tmp_path / f"tests/{name}.py").write_text(name)
    run = Run(0, True, (), hash_files(tmp_path), ())
    assert changed_files(run, tmp_path) == []
    (tmp_path / "tests/changed.py").write_text("other")
    (tmp_path / "tests/removed.py").unlink()
    (tmp_path / "tests/added.py").touch()
    assert changed_files(run, tmp_path) == ["tests/added.py", "tests/changed.py", "tests/removed.py"]
