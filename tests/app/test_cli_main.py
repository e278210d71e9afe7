import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.app.cli_kit import veracity
from tests.kit.process import SEARCHED

from veracity import __version__
from veracity.app.cli import boundary, main
from veracity.app.cli.lazy import PHRASES, meant
from veracity.app.cli.main import COMMANDS, cli
from veracity.app.cli.options import Settings
from veracity.app.cli.reference import markdown
from veracity.domain.errors import EngineFault, ExitCode, OperatorFault, VenueFault

CHECKOUT = Path(__file__).resolve().parents[2]
MAIN = CHECKOUT / "src" / "veracity" / "app" / "cli" / "main.py"
HEAVY = ("aiohttp", "ccxt", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic", "rich", "yaml")


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": SEARCHED}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


# ---------------------------------------------------------------- the entry module


def test_the_entry_module_is_short_and_only_wires() -> None:
    source = MAIN.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 400
    logic = (ast.ClassDef, ast.For, ast.While, ast.comprehension, ast.BinOp, ast.AugAssign, ast.If, ast.Try)
    assert [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, logic)] == []
    assert isinstance(main.cli, click.Group)


def test_the_start_imports_nothing_that_only_some_commands_need() -> None:
    program = """
import sys
from veracity.app.cli.main import main
print(sorted({"dataclasses", "difflib", "json", "msgspec", "pathlib", "traceback"} & set(sys.modules)), file=sys.stderr)
"""
    assert python(program).stderr.strip() == "[]"


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["backtest", "--help"], ["run", "--help"]])
def test_asking_for_the_version_or_help_imports_nothing_heavy(words: list[str]) -> None:
    program = f"""
import sys
from veracity.app.cli.main import main
try:
    main()
except SystemExit as end:
    loaded = sorted(set({HEAVY!r}) & set(sys.modules))
    raise SystemExit(f"{{end.code}} {{loaded}}")
"""
    done = python(program, *words)
    assert done.stderr.strip() == "0 []"


def test_every_command_is_where_the_table_says() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200) == COMMANDS[name].short_help or command.help is not None


@pytest.mark.parametrize(
    ("group", "first"),
    [("sweep", ["run", "resume", "status"]), ("run", ["list", "show"]), ("config", ["check"])],
)
def test_a_group_lists_its_commands_in_their_order_with_whole_sentences(group: str, first: list[str]) -> None:
    listed = veracity(group, "--help").out.partition("Commands:\n")[2]
    assert re.findall(r"^  (\w+)  ", listed, re.MULTILINE)[: len(first)] == first
    assert "..." not in listed


def test_the_reference_page_is_what_help_says() -> None:
    assert (CHECKOUT / "docs" / "cli.md").read_text(encoding="utf-8") == markdown()


# ---------------------------------------------------------------- exit codes and errors


def test_the_page_on_exit_codes_has_every_one() -> None:
    page = (CHECKOUT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", page, re.MULTILINE)
    assert rows == [
        *((str(int(code)), code.name.lower()) for code in ExitCode),
        ("130", "SIGINT"),
        ("141", "SIGPIPE"),
        ("143", "SIGTERM"),
    ]


@pytest.mark.parametrize(
    ("error", "code", "first_line"),
    [
        (
            OperatorFault("bad", where="f:1", why="because", hint="do", exit_code=ExitCode.DATA),
            4,
            "error: f:1: bad: because",
        ),
        (VenueFault("no answer"), 8, "error: no answer"),
        (EngineFault("gap"), 1, "error: gap"),
        (ZeroDivisionError("by zero"), 1, "error: ZeroDivisionError: by zero"),
        (KeyboardInterrupt(), 130, "error: interrupted"),
        (click.UsageError("no such thing"), 2, "error: no such thing"),
    ],
)
def test_every_error_becomes_its_exit_code_and_one_line(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, first_line: str
) -> None:
    failing(monkeypatch, error)
    said = veracity("version")
    assert said.code == code
    assert said.out == ""
    assert next(line for line in said.err.splitlines() if line) == first_line
    assert "Traceback" not in said.err


def test_the_stack_trace_is_shown_with_vv_only(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero"))
    assert "Traceback" not in veracity("-v", "version").err
    assert "Traceback" in veracity("-vv", "version").err
    assert "Traceback" in veracity("version", "-v", "--verbose").err


@pytest.mark.parametrize("words", [["--json", "version"], ["version", "--json"]])
def test_with_json_an_error_is_a_document_on_stdout(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    failing(
        monkeypatch, OperatorFault("bad", where="f:1", why="because", hint="do", exit_code=ExitCode.UNSAFE)
    )
    said = veracity(*words)
    assert said.err == ""
    assert said.document == {
        "schema": "veracity.error/1",
        "code": 7,
        "message": "bad",
        "errors": [{"where": "f:1", "what": "bad", "why": "because", "hint": "do"}],
    }


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("veracity.app.cli.version.platform.python_version", fail)


def test_usage_errors_are_documents_too() -> None:
    said = veracity("--json", "backtest", "--nonsense")
    assert (said.code, said.document["code"], said.err) == (2, 2, "")
    assert "--nonsense" in said.document["message"]
    assert said.document["errors"][0]["hint"] == "see `veracity backtest --help`"


@pytest.mark.parametrize("words", [[], ["run"], ["config"]])
def test_no_command_shows_the_help(words: list[str]) -> None:
    said = veracity(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: veracity")
    assert "Commands:" in said.err


def test_no_command_with_json_is_an_error_document() -> None:
    assert veracity("--json").document["message"] == "Missing command"
    assert veracity("--json", "run").document["message"] == "no command was given"


# ---------------------------------------------------------------- unknown words


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("hyperopt", "here: veracity sweep run"),
        ("trade", "here: veracity paper"),
        ("plot", "here: every run has a report"),
        ("Backtesting", "here: veracity backtest"),
        ("backtst", "did you mean backtest?"),
        ("hyperotp", "here: veracity sweep run"),
        ("zzzzzz", f"known: {', '.join(COMMANDS)}"),
    ],
)
def test_an_unknown_command_is_answered_with_what_is_here(word: str, answer: str) -> None:
    said = veracity(word)
    assert said.code == 2
    assert said.err.startswith(f"error: there is no command '{word}'; {answer}")


def test_the_phrase_book_names_commands_that_exist() -> None:
    for word, here in PHRASES.items():
        assert word not in COMMANDS
        named = re.search(r"veracity ([\w-]+)", here)
        assert named is not None
        assert named[1] in COMMANDS, here


def test_a_phrase_is_found_before_a_near_command() -> None:
    assert meant("runs", COMMANDS) == "here: veracity run list"


# ---------------------------------------------------------------- common options


@pytest.mark.parametrize("words", [["--json", "version"], ["version", "--json"]])
def test_json_may_stand_before_or_behind_the_command(words: list[str]) -> None:
    said = veracity(*words)
    assert said.code == 0
    assert said.document["schema"] == "veracity.version/1"
    assert said.document["veracity"] == __version__
    assert set(said.document) == {"schema", "veracity", "python", "packages"}


@pytest.mark.parametrize(
    "words",
    [["--run-dir", "x", "run", "list"], ["run", "--run-dir", "x", "list"], ["run", "list", "--run-dir", "x"]],
)
def test_the_run_directory_may_stand_before_or_behind_the_command(words: list[str], tmp_path: Path) -> None:
    said = veracity(*[str(tmp_path / word) if word == "x" else word for word in words], "--json")
    assert said.document == {"schema": "veracity.run_list/1", "run_dir": str(tmp_path / "x"), "runs": []}


def test_the_later_option_wins(tmp_path: Path) -> None:
    said = veracity("--run-dir", "a", "run", "list", "--run-dir", str(tmp_path), "--json")
    assert said.document["run_dir"] == str(tmp_path)


def test_the_defaults_are_quiet_about_nothing() -> None:
    usual = Settings()
    assert (usual.json, usual.quiet, usual.verbose, usual.no_color) == (False, False, 0, False)
    assert usual.run_dir == Path("runs")


def test_the_verbosity_is_read_from_the_words() -> None:
    assert boundary.verbosity(["-v", "x", "-vv", "--verbose", "--value", "v"]) == 4


# ---------------------------------------------------------------- small commands


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    said = veracity("completion", shell)
    assert said.code == 0
    assert "_VERACITY_COMPLETE" in said.out
    assert veracity("completion", shell, "--json").document["script"] + "\n" == said.out


def test_completion_answers_a_tab() -> None:
    said = veracity(
        env={"_VERACITY_COMPLETE": "bash_complete", "COMP_WORDS": "veracity ba", "COMP_CWORD": "1"}
    )
    assert said.out == "plain,backtest\n"


def tab(words: str, position: int) -> list[str]:
    """What the TAB key offers for one word of a command line."""
    env = {"_VERACITY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    return veracity(env=env).out.split()


@pytest.mark.parametrize("command", ["replay", "run show"])
def test_completion_knows_the_runs(tmp_path: Path, command: str) -> None:
    older, younger = "backtest-20240101T000000Z-a-00000000", "backtest-20240102T000000Z-b-11111111"
    for name in (older, younger):
        (tmp_path / name / "wal").mkdir(parents=True)
        (tmp_path / name / "manifest.json").write_text("{}", encoding="utf-8")
    words = f"veracity --run-dir {tmp_path} {command} "
    at = len(words.split())
    assert tab(words, at) == ["plain,latest", f"plain,{younger}", f"plain,{older}"]
    assert tab(words + "backtest-20240101", at) == [f"plain,{older}"]
    assert tab(words + "runs/b", at) == ["dir,runs/b"]
    assert tab(f"veracity --run-dir {tmp_path / 'none'} {command} ", at) == []


def test_an_unknown_shell_is_a_usage_error() -> None:
    assert veracity("completion", "cmd").code == 2


def test_where_tells_what_proves_a_ticket() -> None:
    said = veracity("where", "I-017", "--json")
    assert said.code == 0
    assert said.document["schema"] == "veracity.where/1"
    assert said.document["id"] == "I-017"
    assert said.document["title"] == "Reduce main.rs to <400 LOC"
    assert veracity("where", "I-017").out.startswith("I-017 Reduce main.rs")


def test_where_knows_which_ids_there_are() -> None:
    said = veracity("where", "T-999")
    assert said.code == 2
    assert "T-999 is in no file" in said.err


def test_where_says_what_it_needs_without_the_development_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("veracity.app.cli.where.TOOL", "veracity_trace.no_such_module")
    said = veracity("where", "I-017")
    assert said.code == 2
    assert "make setup-dev" in said.err


def test_where_says_what_it_needs_outside_of_a_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "veracity.__file__", str(tmp_path / "lib" / "site-packages" / "veracity" / "__init__.py")
    )
    said = veracity("where", "I-017")
    assert said.code == 2
    assert "this is an installed package, not a checkout" in said.err


def test_the_main_function_is_the_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["veracity", "version", "--json"])
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out)["veracity"] == __version__
