"""Which code runs: a hash of the product's own files, and where git keeps them.

The hash is what a run id is made of; it needs no repository. Git is asked for the repository that holds the *code*,
wherever the process was started: the commit of a user's project says nothing about this package.
"""

import hashlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

UNKNOWN: Final = "unknown"
PACKAGES: Final = ("veracity", "veracity_generated")
GIT_SECONDS_MAX: Final = 10  # a repository on a dead network drive must not keep a run from starting

Dirty: TypeAlias = bool | Literal["unknown"]


class CodeIdentity(NamedTuple):
    """SHA-256 of the code, the commit that it was checked out from, and whether it differs from that."""

    code_hash: str
    git_sha: str
    git_dirty: Dirty


def code_identity(environ: Mapping[str, str], folders: Sequence[Path] = ()) -> CodeIdentity:
    """The identity of the code in `folders`, the product's own packages by default.

    `environ` is what git runs with (it needs PATH and HOME); variables that point it to a repository are left out.
    """
    folders = folders or package_folders()
    return CodeIdentity(code_hash(folders), *_git_state(environ, folders))


def package_folders() -> tuple[Path, ...]:
    """Where the packages of the product are. They are found, not imported."""
    folders = []
    for name in PACKAGES:
        spec = find_spec(name)
        assert spec is not None, name
        assert spec.origin is not None, name
        folders.append(Path(spec.origin).parent)
    return tuple(folders)


def code_hash(folders: Sequence[Path]) -> str:
    """SHA-256 over every file but compiled ones, by path: each path and content after its length in 8 bytes."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in _sources(folder):
            for part in (f"{folder.name}/{path.relative_to(folder).as_posix()}".encode(), path.read_bytes()):
                digest.update(len(part).to_bytes(8))
                digest.update(part)
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            yield path


def _git_state(environ: Mapping[str, str], folders: Sequence[Path]) -> tuple[str, Dirty]:
    """Commit and whether `folders` differ from it; both unknown where git does not keep the code."""
    places = [str(folder) for folder in folders]
    # A package below an ignored .venv is inside the user's repository, and yet not kept by it.
    if _git(environ, folders[0], "ls-files", "--error-unmatch", "--", "__init__.py") is None:
        return UNKNOWN, UNKNOWN
    status = ("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--", *places)
    said = _git(environ, folders[0], *status)
    if said is None:
        return UNKNOWN, UNKNOWN
    lines = said.splitlines()
    sha = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "(initial)")
    if sha == "(initial)":  # no commit yet
        return UNKNOWN, UNKNOWN
    return sha, any(not line.startswith("#") for line in lines)


def _git(environ: Mapping[str, str], folder: Path, *arguments: str) -> str | None:
    """What git says in `folder`; None where it says no, or is not there, or does not answer."""
    clean = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, env=clean, capture_output=True, text=True, timeout=GIT_SECONDS_MAX, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
