"""Where evaluations of a config live: directories beside the runs, found again by what they evaluated."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from veracity.app.config import LoadedConfig
from veracity.engine.opening import RunIdentity
from veracity.forensics import run_directory
from veracity.forensics.files import write_new
from veracity.research.files import publish
from veracity.research.summary import document

EVALUATIONS: Final = "evaluations"
Kind = TypeVar("Kind", bound=BaseModel)


def keep(
    files: Mapping[str, BaseModel],
    *,
    runs_dir: Path,
    mode: str,
    loaded: LoadedConfig,
    identity: RunIdentity,
    created: int,
) -> Path:
    """Write the files of an evaluation into a directory of their own, with the config that it evaluated; answers the directory."""
    directory = run_directory.create(
        runs_dir / EVALUATIONS, mode=mode, label=loaded.run.label, run_id=identity.run_id, created_ts=created
    )
    contents = {name: document(file) for name, file in files.items()}
    for name, file in files.items():
        type(file).model_validate_json(contents[name])
    write_new(directory.config, loaded.resolved_toml().encode())
    for name, content in contents.items():
        publish(directory.root / name, content)
    directory.seal(success=True)
    return directory.root


def newest(
    runs_dir: Path, name: str, kind: type[Kind], config_hash: str, dataset_hash: str
) -> tuple[Kind, Path] | None:
    """The youngest sealed evaluation of exactly this config and dataset, and its file; None where there is none."""
    found = None
    for file, path in _kept(runs_dir, name, kind):
        named = (getattr(file, "config_hash", None), getattr(file, "dataset_hash", None))
        if named == (config_hash, dataset_hash):
            found = file, path
    return found


def _kept(runs_dir: Path, name: str, kind: type[Kind]) -> Iterator[tuple[Kind, Path]]:
    """Sealed evaluations, the oldest first. A file that does not satisfy its schema is passed over: it is no evidence."""
    found = [
        path
        for path in (runs_dir / EVALUATIONS).glob(f"*/{name}")
        if not path.parent.is_symlink() and (path.parent / run_directory.SEALED).exists()
    ]
    for path in sorted(found, key=lambda one: (one.parent.name.split("-")[1], one.parent.name)):
        with suppress(ValidationError):
            yield kind.model_validate_json(path.read_bytes()), path
