"""Compiled code on disk: an object file beside the text that it was made of, both under the hash of that text.

Writing the text takes half a second, and Numba to do it; so what was asked for is also kept under the hash of all sources,
as the name of the file that answers it. A changed source asks for the text again, and a changed text for a compiler.
"""

import hashlib
import linecache
import sys
from collections.abc import Callable
from contextlib import suppress
from fcntl import LOCK_EX, flock
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.code_identity import package_folders
from veracity.research.files import publish
from veracity.research.kernel.machine_code import Code, load, machine

TESTED: Final = ("0.68",)  # versions of Numba
DIGITS: Final = 16  # of a hash in a file's name
CHECK: Final = 32  # bytes of the checksum that an object file begins with

_LOADED: Final[dict[str, Code]] = {}


class Store:
    """A directory of compiled code. What is not there is compiled when it is first asked for."""

    def __init__(self, place: Path) -> None:
        self.place: Final = place

    def code(self, stem: str, asked: str | None, text: Callable[[], str], arguments: int) -> Code:
        """The code of the module that `text` writes, whose entry takes so many numbers.

        `asked` says in words what `text` writes from the sources of this package alone; None where others have part in it.
        Raises OperatorFault where nothing can be kept in the directory.
        """
        answer = None
        if asked is not None:
            answer = self.place / f"{stem}-{_hash(sources(), machine(), asked)}.answer"
            with suppress(FileNotFoundError, NotADirectoryError):
                name = answer.read_text(encoding="ascii")
                if (code := self._kept(name, arguments)) is not None:
                    return code
        return self._made(stem, text(), answer, arguments)

    def _kept(self, name: str, arguments: int) -> Code | None:
        """The code of that name; None where it is not there, or damaged."""
        if name not in _LOADED:
            try:
                whole = (self.place / f"{name}.o").read_bytes()
            except FileNotFoundError:
                return None
            check, content = whole[:CHECK], whole[CHECK:]
            if check != hashlib.sha256(content).digest():
                return None
            _LOADED[name] = load(content, arguments)
        return _LOADED[name]

    def _made(self, stem: str, text: str, answer: Path | None, arguments: int) -> Code:
        """The code of that text, which one process compiles while the others wait for it."""
        made_with = f"{_tested_numba()} {sys.version}"
        from veracity.research.kernel.assembly import beneath, compiled

        name = f"{stem}-{_hash(made_with.encode(), machine(), beneath(), text)}"
        try:
            self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self.place / f"{name}.lock").open("wb") as lock:
                flock(lock, LOCK_EX)
                code = self._kept(name, arguments)
                if code is None:
                    source = self.place / f"{name}.py"
                    publish(source, text.encode())
                    content = compiled(text, source)
                    publish(self.place / f"{name}.o", hashlib.sha256(content).digest() + content)
                    code = self._kept(name, arguments)
                if answer is not None:
                    publish(answer, name.encode())
        except OSError as error:
            raise OperatorFault(
                "the compiled kernel cannot be kept",
                where=str(self.place),
                why=str(error.strerror),
                hint="name another directory in VERACITY_CACHE_DIR",
            ) from error
        assert code is not None, f"{name} was damaged as it was written"
        return code


def _tested_numba() -> str:
    """The version of Numba. Raises OperatorFault (exit code 7) where nobody has tried whether its insides are those that `parts`
    builds on: a wrong guess there is a process that dies, or worse."""
    found = version("numba")
    if found.rpartition(".")[0] not in TESTED:
        raise OperatorFault(
            f"the kernel cannot be compiled with numba {found}",
            why=f"its build uses the inside of Numba, which was tested for {', '.join(TESTED)}",
            hint=f"pip install 'numba=={TESTED[-1]}.*', or run it with `veracity backtest`",
            exit_code=ExitCode.UNSAFE,
        )
    return found


def sources() -> bytes:
    """Hash of all source text that this process runs: as a module shows it where somebody asked for it, else as it lies there."""
    digest = hashlib.sha256(f"{version('numba')} {sys.version}".encode())
    for path in _files():
        shown = linecache.cache.get(str(path))
        content = "".join(shown[2]).encode() if shown is not None and len(shown) > 1 else path.read_bytes()
        digest.update(f"{len(content)} ".encode() + content)
    return digest.digest()


@cache
def _files() -> tuple[Path, ...]:
    return tuple(path for folder in package_folders() for path in sorted(folder.rglob("*.py")))


def _hash(first: bytes, *rest: str) -> str:
    return hashlib.sha256(first + "\n".join(("", *rest)).encode()).hexdigest()[:DIGITS]
