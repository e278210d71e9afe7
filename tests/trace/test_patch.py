"""A named fault is applied exactly or not at all."""

import pytest

from veracity_trace.evidence.patch import DoesNotApply, apply_patches, parse_diff

TEXT = "one\ntwo\nthree\nfour\nfive\n"
DIFF = """\
Why this is wrong.
--- a/f.txt
+++ b/f.txt
@@ -2,3 +2,3 @@ heading
 two
-three
+THREE
 four
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "f.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def patched(root, diff):
    apply_patches(root, parse_diff(diff))
    return (root / "f.txt").read_text(encoding="utf-8")


def test_a_hunk_is_applied_at_its_place(root):
    assert patched(root, DIFF) == TEXT.replace("three", "THREE")


def test_a_hunk_is_applied_where_its_lines_have_gone(root):
    (root / "f.txt").write_text("zero\n" * 9 + TEXT, encoding="utf-8")
    assert patched(root, DIFF) == "zero\n" * 9 + TEXT.replace("three", "THREE")


def test_of_two_places_the_one_that_the_hunk_names_is_meant(root):
    (root / "f.txt").write_text(TEXT + TEXT, encoding="utf-8")
    assert patched(root, DIFF) == TEXT.replace("three", "THREE") + TEXT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("four", "4"), "f.txt: the lines of the hunk at 2 are not found"),
        ("x\n" + TEXT + TEXT, "f.txt: the lines of the hunk at 2 are found 2 times"),
    ],
)
def test_a_hunk_without_its_one_place_changes_nothing(root, text, why):
    (root / "f.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DoesNotApply, match=why):
        patched(root, DIFF)
    assert (root / "f.txt").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("diff", ["", "no diff at all\n", "--- a/f.txt\n+++ b/f.txt\n"])
def test_what_is_no_diff_is_refused(diff):
    with pytest.raises(DoesNotApply, match="no unified diff"):
        parse_diff(diff)


def test_a_missing_file_is_named(root):
    with pytest.raises(DoesNotApply, match=r"g\.txt does not exist"):
        apply_patches(root, parse_diff(DIFF.replace("f.txt", "g.txt")))
