"""What `veracity init` writes: a commented config with data that it runs on, and a strategy of one's own with what tries it.

The texts lie beside this file; the bars are made from a seed and the schema from the models, so each fits the version that runs.
"""

import io
import json
import tempfile
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from veracity.app.config_schema import json_schema
from veracity.data.synthetic import make_bars
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import sync_directory

CONFIG: Final = "engine.toml"
SCHEMA: Final = "engine.schema.json"
BARS: Final = "bars.parquet"
STRATEGY: Final = "breakout.py"
PROGRAM: Final = "try_breakout.py"
BARS_COUNT: Final = 14 * 1_440
SEED: Final = 7
TEXTS: Final = Path(__file__).parent
PUBLIC: Final = 0o755  # of a directory: it holds what a person writes, and nothing of a run


def write_project(folder: Path) -> None:
    """Make `folder` with everything in it; all of it or, where that fails, nothing.

    Raises OperatorFault where there is something already that is not an empty directory (exit code 7), and where nothing
    can be made there (2).
    """
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise OperatorFault(
            "there is something already",
            where=str(folder),
            why="nothing is ever overwritten",
            hint="name a directory that is not there yet, or an empty one",
            exit_code=ExitCode.UNSAFE,
        )
    try:
        _write(folder)
    except OSError as error:
        raise OperatorFault(
            "cannot be made",
            where=str(folder),
            why=f"{folder.parent} is no directory" if folder.parent.is_file() else str(error.strerror),
            hint="name a directory where you may write, on a disk that has room",
            exit_code=ExitCode.USAGE,
        ) from error


def _write(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as draft:
        made = Path(draft) / folder.name
        made.mkdir()
        for name, content in _files().items():
            (made / name).write_bytes(content)
        made.chmod(PUBLIC)
        made.rename(folder)
    sync_directory(folder.parent)


def _files() -> dict[str, bytes]:
    texts = {name: (TEXTS / f"{name}.txt").read_bytes() for name in (STRATEGY, PROGRAM)}
    bars = io.BytesIO()
    pq.write_table(make_bars(BARS_COUNT, SEED), bars, compression="zstd")
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    return {
        CONFIG: (TEXTS / CONFIG).read_bytes(),
        SCHEMA: f"{schema}\n".encode(),
        BARS: bars.getvalue(),
        **texts,
    }
