"""What was compiled once is not compiled again, whatever process asks; and what does not fit is never run."""

import linecache
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from numba import njit
from numba.core.errors import TypingError
from tests.kit.process import PATIENCE_S
from tests.research.kernel.test_library import of_library, plan

from veracity.domain.errors import OperatorFault
from veracity.research.kernel import assembly, store
from veracity.research.kernel.parts import entry, part
from veracity.research.kernel.run import Kernel
from veracity.research.kernel.store import Store

PROGRAM = """
import sys
from pathlib import Path
from tests.research.kernel.test_library import of_library, plan
from veracity.research.kernel.run import Kernel
Kernel(Path(sys.argv[1])).run(plan(of_library("momentum")))
print(sorted(name for name in sys.modules if name in ("numba", "scipy", "veracity.research.kernel.assembly")))
"""
SEVEN = f"""
from veracity.research.kernel.parts import entry
@entry([], "int64(int64)")
def {assembly.ENTRY}(number):
    return 7 * number
"""


def test_another_process_runs_what_is_compiled_without_a_compiler(kernel: Kernel) -> None:
    kernel.run(plan(of_library("momentum")))
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(kernel.place)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert said.stdout.strip() == "[]"


@pytest.fixture
def asked(tmp_path: Path) -> Any:
    """Asks a store for SEVEN; answers the code, and how often its text was wanted."""
    wanted = []

    def text() -> str:
        wanted.append(SEVEN)
        return SEVEN

    def ask() -> tuple[Any, int]:
        store._LOADED.clear()  # as another process would
        code = Store(tmp_path / "kept").code("seven", "seven times", text, 1)
        return code, len(wanted)

    return ask


def test_what_was_asked_before_is_answered_without_its_text(asked: Any) -> None:
    assert [asked()[1], asked()[1]] == [1, 1]
    assert asked()[0].call(6) == 42


def test_a_changed_source_asks_for_the_text_again(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked()
    shown = (0, None, ["changed = True\n"], "")
    monkeypatch.setitem(linecache.cache, str(Path(assembly.__file__)), shown)
    assert asked()[1] == 2


def test_a_damaged_file_is_compiled_again(asked: Any, tmp_path: Path) -> None:
    asked()
    (kept,) = (tmp_path / "kept").glob("*.o")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert asked()[1] == 2
    code, wanted = asked()
    assert (code.call(6), wanted) == (42, 2)


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("no directory")
    with pytest.raises(OperatorFault, match="the compiled kernel cannot be kept"):
        Store(place / "kept").code("seven", None, lambda: SEVEN, 1)


def test_an_untried_numba_is_refused_and_the_tried_ones_are_named(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "version", lambda _: "0.67.9")
    with pytest.raises(OperatorFault, match=r"with numba 0\.67\.9: .* tested for 0\.68"):
        asked()


def test_a_part_that_a_function_of_plain_numba_calls_is_refused() -> None:
    @part([])
    def seven(number):  # type: ignore[no-untyped-def]
        return 7 * number

    with pytest.raises(NotImplementedError, match="No definition for lowering"):
        njit(lambda number: seven(number))(1)


@pytest.mark.parametrize(
    "function", [lambda number: max(number, 0.5), lambda number: str(number)], ids=["loses", "no rule"]
)
def test_what_would_lose_something_or_has_no_rule_is_refused(function: Any) -> None:
    with pytest.raises(TypingError):
        entry([], "int64(int64)")(function)
