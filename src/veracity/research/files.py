"""Writing a result so that a reader sees all of it or nothing."""

import os
from pathlib import Path


def publish(path: Path, content: bytes) -> None:
    """Write a file under another name, make it durable, and rename it. Raises OSError that names it; then `path` is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.partial")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        error.filename = error.filename or str(path)  # a write does not say which file it was
        raise
