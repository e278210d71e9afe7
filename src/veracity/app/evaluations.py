"""Where evaluations of a config live: directories beside the runs, found again by what they evaluated."""

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
    file: BaseModel,
    name: str,
    *,
    runs_dir: Path,
    mode: str,
    loaded: LoadedConfig,
    identity: RunIdentity,
    created: int,
) -> Path:
    """Write an evaluation into a directory of its own, with the config that it evaluated; answers the directory."""
    directory = run_directory.create(
        runs_dir / EVALUATIONS, mode=mode, label=loaded.run.label, run_id=identity.run_id, created_ts=created
    )
    content = document(file)
    type(file).model_validate_json(content)
    write_new(directory.config, loaded.resolved_toml().encode())
    publish(directory.root / name, content)
    directory.seal(success=True)
    return directory.root


def newest(
    runs_dir: Path, name: str, kind: type[Kind], config_hash: str, dataset_hash: str
) -> tuple[Kind, Path] | None:
    """The youngest sealed evaluation of exactly this config and dataset, and its file; None where there is none.

    A file that does not satisfy its schema is passed over: it is no evidence.
    """
    found = sorted(
        (runs_dir / EVALUATIONS).glob(f"*/{name}"), key=lambda path: path.parent.name.split("-")[1]
    )
    for path in reversed(found):
        if path.parent.is_symlink() or not (path.parent / run_directory.SEALED).exists():
            continue
        try:
            file = kind.model_validate_json(path.read_bytes())
        except ValidationError:
            continue
        if (getattr(file, "config_hash", None), getattr(file, "dataset_hash", None)) == (
            config_hash,
            dataset_hash,
        ):
            return file, path
    return None
