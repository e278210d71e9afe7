"""What a run says of the machine's software."""

import platform
import re
import tomllib

from msgspec import __version__ as msgspec_version
from tests.forensics.runs import ROOT

import veracity
from veracity.domain.canonical import canonical_hash
from veracity.forensics import environment


def test_the_packages_are_the_dependencies_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(environment.PACKAGES) == sorted(
        re.split(r"[<>=~!\[]", one, maxsplit=1)[0] for one in project["dependencies"]
    )


def test_versions_are_those_that_run() -> None:
    found = {one.name: one.version for one in environment.environment_identity().versions}
    assert found["python"] == platform.python_version()
    assert found["veracity"] == veracity.__version__
    assert found["msgspec"] == msgspec_version


def test_another_version_or_a_missing_package_is_another_environment(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    before = environment.environment_identity()
    assert before == environment.environment_identity()
    monkeypatch.setattr(environment, "PACKAGES", ("msgspec", "no-such-package"))
    after = environment.environment_identity()
    assert after.versions[-1].version == "unknown"
    assert after.env_hash != before.env_hash
    assert len(after.env_hash) == len(canonical_hash({})) == 64
