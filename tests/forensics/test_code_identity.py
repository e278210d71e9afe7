"""Which code runs: the hash sees every source, and git is asked for the code's own repository."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.forensics.runs import bundled_run, lines

from veracity.forensics.code_identity import code_hash, code_identity, package_folders

ENVIRON = {"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1"}
AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *AUTHOR, *arguments],
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def package(folder: Path) -> Path:
    """A product of two files."""
    (folder / "room").mkdir(parents=True)
    (folder / "__init__.py").write_text("version = 1\n", encoding="utf-8")
    (folder / "room/a.py").write_text("a = 1\n", encoding="utf-8")
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository that keeps the product."""
    root = tmp_path / "checkout"
    package(root / "src/product")
    (root / ".gitignore").write_text("__pycache__/\n.venv/\n", encoding="utf-8")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "all")
    return root


@pytest.mark.ticket("T-249")
def test_a_clean_checkout_has_its_head_and_an_edited_source_makes_it_dirty(checkout: Path) -> None:
    product = checkout / "src/product"
    identity = code_identity(ENVIRON, [product])
    assert identity.git_sha == git(checkout, "rev-parse", "HEAD")
    assert len(identity.git_sha) == 40
    assert identity.git_dirty is False
    (product / "room/a.py").write_text("a = 2\n", encoding="utf-8")
    edited = code_identity(ENVIRON, [product])
    assert edited.git_sha == identity.git_sha
    assert edited.git_dirty is True


@pytest.mark.ticket("T-249")
def test_the_repository_is_that_of_the_code_and_not_of_the_working_directory(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "users-project"
    package(other / "bot")
    git(other, "init", "-q")
    git(other, "add", ".")
    git(other, "commit", "-q", "-m", "theirs")
    monkeypatch.chdir(other)
    misled = {**ENVIRON, "GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    assert git(other, "rev-parse", "HEAD") != git(checkout, "rev-parse", "HEAD")
    assert code_identity(misled, [checkout / "src/product"]).git_sha == git(checkout, "rev-parse", "HEAD")


def test_code_that_no_repository_keeps_has_no_commit(checkout: Path, tmp_path: Path) -> None:
    loose = package(tmp_path / "loose")
    installed = package(checkout / ".venv/product")  # inside the user's repository, ignored by it
    for place in (loose, installed):
        identity = code_identity(ENVIRON, [place])
        assert (identity.git_sha, identity.git_dirty) == ("unknown", "unknown")
    assert code_identity({"PATH": str(tmp_path)}, [checkout / "src/product"]).git_sha == "unknown"  # no git


def test_where_git_does_not_answer_in_time_nothing_is_known(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows the code, but looking for changes takes too long."""
    run = subprocess.run

    def slow(command: list[str], **options: Any) -> Any:
        if "status" in command:
            raise subprocess.TimeoutExpired(command, options["timeout"])
        return run(command, **options)

    monkeypatch.setattr("veracity.forensics.code_identity.subprocess.run", slow)
    identity = code_identity(ENVIRON, [checkout / "src/product"])
    assert (identity.git_sha, identity.git_dirty) == ("unknown", "unknown")


def test_the_manifest_of_a_run_says_what_git_says_of_the_code() -> None:
    (manifest,) = lines(bundled_run().run_dir / "manifest.json")
    identity = code_identity(ENVIRON)
    assert manifest["git_sha"] == identity.git_sha
    assert len(manifest["git_sha"]) in (40, len("unknown"))
    assert manifest["git_dirty"] in (True, False, "unknown")


def test_a_new_source_that_nobody_added_is_dirty_and_compiled_files_are_not(checkout: Path) -> None:
    product = checkout / "src/product"
    (product / "__pycache__").mkdir()
    (product / "__pycache__/a.pyc").write_bytes(b"compiled")
    assert code_identity(ENVIRON, [product]).git_dirty is False
    (product / "room/b.py").write_text("b = 1\n", encoding="utf-8")
    assert code_identity(ENVIRON, [product]).git_dirty is True


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    product = package(tmp_path / "product")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    assert code_identity(ENVIRON, [product]).git_sha == "unknown"


def test_the_code_hash_is_over_lengths_paths_and_contents(tmp_path: Path) -> None:
    product = package(tmp_path / "product")
    wanted = hashlib.sha256()
    for part in (b"product/__init__.py", b"version = 1\n", b"product/room/a.py", b"a = 1\n"):
        wanted.update(len(part).to_bytes(8, "big") + part)
    assert code_hash([product]) == wanted.hexdigest()


def test_the_code_hash_sees_a_byte_a_name_and_a_move_but_no_compiled_file(tmp_path: Path) -> None:
    product = package(tmp_path / "product")
    hashes = [code_hash([product])]
    (product / "room/__pycache__").mkdir()
    (product / "room/__pycache__/a.pyc").write_bytes(b"compiled")
    assert code_hash([product]) == hashes[0]
    (product / "room/a.py").write_text("a = 2\n", encoding="utf-8")
    hashes.append(code_hash([product]))
    (product / "room/a.py").rename(product / "room/b.py")
    hashes.append(code_hash([product]))
    (product / "room/b.py").rename(product / "b.py")
    hashes.append(code_hash([product]))
    assert len(set(hashes)) == 4


def test_the_code_of_this_product_is_both_of_its_packages() -> None:
    folders = package_folders()
    assert [folder.name for folder in folders] == ["veracity", "veracity_generated"]
    assert all((folder / "__init__.py").is_file() for folder in folders)
