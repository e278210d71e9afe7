"""Compares the files that should be with the files that are, and writes them."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path


def differences(wanted: dict[str, str], folder: Path) -> Iterator[str]:
    """One text for each file that is missing, extra or changed (with its diff), by path."""
    present = _present(folder)
    for name in sorted({*wanted, *present}):
        if name not in present:
            yield f"MISSING {name}"
        elif name not in wanted:
            yield f"EXTRA {name}"
        elif (folder / name).read_bytes() != wanted[name].encode():
            yield f"CHANGED {name}\n{_diff(name, folder / name, wanted[name])}"


def write(wanted: dict[str, str], folder: Path) -> list[str]:
    """Bring the folder to what is wanted, extra files removed; returns the paths that were touched."""
    touched = [text.split()[1] for text in differences(wanted, folder)]
    for name in touched:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[name].encode())
        else:
            path.unlink()
    return touched


def _present(folder: Path) -> list[str]:
    """Every file but what Python itself leaves behind."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [path.as_posix() for path in files if "__pycache__" not in path.parts]


def _diff(name: str, path: Path, wanted: str) -> str:
    present = path.read_bytes().decode(errors="replace")
    lines = unified_diff(
        present.splitlines(), wanted.splitlines(), f"present/{name}", f"generated/{name}", lineterm=""
    )
    return "\n".join(lines) or "(only the line ends or the encoding differ)"
