"""manifest.json: what a run is made of (schemas/manifest.schema.json), written once, before the first event."""

from pathlib import Path

from pydantic import ValidationError

from veracity.domain.canonical import canonical_json
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import write_new
from veracity_generated.manifest import DataFile, Manifest, PackageVersion, StrategyVersion

__all__ = ["DataFile", "Manifest", "PackageVersion", "StrategyVersion", "read_manifest", "write_manifest"]


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Make the file, durable when this returns: canonical JSON and a newline.

    Raises pydantic.ValidationError where the content breaks its schema, and then nothing was written; OperatorFault
    (exit code 7) where there is a manifest already: a run's identity does not change.
    """
    content = canonical_json(manifest.model_dump(mode="json", by_alias=True)) + b"\n"
    Manifest.model_validate_json(content)  # a model made by model_copy or model_construct was never checked
    write_new(path, content)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises OperatorFault (exit code 5) where there is none or it breaks its schema."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise OperatorFault(
            "the manifest cannot be read",
            where=str(path),
            why=str(error),
            hint="a run without a good manifest cannot be told from another; it is not used",
            exit_code=ExitCode.FINDING,
        ) from error
