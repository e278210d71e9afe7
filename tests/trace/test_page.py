import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from tests.trace.make import KILL, matrix_of, proven, result, ticket

from veracity_trace.evidence.evidence import Proof
from veracity_trace.page import render_html, render_markdown

HOSTILE = "<script>alert(1)</script> | pipe"


@pytest.fixture
def matrix(tmp_path):
    return matrix_of(
        tmp_path,
        ticket("T-001", title=HOSTILE, specs=("S-001",)),
        ticket("T-002", claimed=False),
        ticket("S-001", checks=("T-001",), spec="specs/things/rules.md#s-001", claimed=False),
        results=[result("tests/test_a.py::test_b[<x>]", "T-001", asserts=0)],
    )


class Page(HTMLParser):
    """Collects what the assertions look at."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def text(matrix):
    return render_html(matrix, "../..")


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "the `Gate.judge` of <it>; fails if it is `x < y`.",
            "the <code>Gate.judge</code> of &lt;it&gt;; fails if it is <code>x &lt; y</code>.",
        ),
        ("one ` alone <stays>; fails if it is lost.", "one ` alone &lt;stays&gt;; fails if it is lost."),
    ],
)
def test_backticks_of_an_acceptance_are_code(tmp_path, sentence, shown):
    matrix = matrix_of(tmp_path, ticket("T-001", acceptance=(sentence,)))
    assert f"<p>{shown}</p>" in render_html(matrix, "../..")


def test_each_ticket_is_a_row_that_opens(text):
    rows = [row for row in Page(text).all("details") if "id" in row]
    assert [
        (row["id"], row["data-section"], row["data-kind"], row["data-level"], row["data-status"])
        for row in rows
    ] == [
        ("T-001", "1", "T", "2", "broken"),
        ("T-002", "1", "T", "0", "open"),
        ("S-001", "1", "S", "2", "open"),
    ]
    assert len(Page(text).all("summary")) == 1 + 3  # what is broken, and each ticket


def test_links_lead_to_files_of_the_checkout_and_to_rows(text):
    links = [link["href"] for link in Page(text).all("a")]
    assert "../../tests/test_a.py" in links
    assert "../../specs/things/rules.md#s-001" in links
    rows = {row["id"] for row in Page(text).all("details") if "id" in row}
    inside = {link[1:] for link in links if link.startswith("#") and not link.startswith("#?")}
    assert inside == {"T-001", "S-001"}
    assert inside <= rows


def test_text_from_outside_stays_text(text):
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "test_b[&lt;x&gt;]" in text


def test_the_page_needs_no_network_and_runs_only_its_own_script(text):
    page = Page(text)
    assert page.all("link") == []
    assert [script for script in page.all("script") if script] == []
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")


def test_every_field_of_the_filter_has_a_label(text):
    labels = re.findall(r"<label[^>]*>(\w+)\s*<(?:select|input) name=\"(\w+)\"", text)
    assert labels == [
        ("Section", "section"),
        ("Kind", "kind"),
        ("Level", "level"),
        ("Status", "status"),
        ("Text", "text"),
    ]


def test_problems_stand_on_top(text):
    assert text.index("Broken: 1") < text.index('id="filter"')
    assert "passes without an assertion" in text


def test_markdown_has_a_row_for_each_ticket_and_keeps_pipes(matrix):
    lines = render_markdown(matrix).splitlines()
    assert "- 1 Things  T 0/2  S 0/1  I 0/0" in lines
    assert "- T-001: tests/test_a.py::test_b[<x>] passes without an assertion [no-assertion]" in lines
    assert "| T-001 | 2 | ✗ broken claim | 1 | <script>alert(1)</script> \\| pipe |" in lines
    assert "| T-002 | 0 | ○ open | 0 | Title of T-002 |" in lines


def page_of_one(tmp_path, *results, **proofs):
    matrix = matrix_of(
        tmp_path, ticket("T-001"), results=results, evidence={"T-001": proven(**proofs)} if proofs else None
    )
    return render_html(matrix, "../..")


def test_the_fault_stands_under_its_test_as_a_diff_with_the_words_of_the_test(tmp_path):
    text = page_of_one(
        tmp_path,
        result("tests/test_halves.py::test_half_of_four", "T-001"),
        test_half_of_four=Proof("claim", KILL, ""),
    )
    assert "✓ noticed a fault in the claimed code" in text
    assert '<span class="removed">-    return number // 2</span>' in text
    assert '<span class="added">+    return number * 2</span>' in text
    assert "<pre>AssertionError: assert 8 == 2</pre>" in text


def test_a_passenger_is_called_one_and_says_why(tmp_path):
    text = page_of_one(
        tmp_path,
        result("tests/test_halves.py::test_smoke", "T-001"),
        test_smoke=Proof("passenger", None, "40 faults, none noticed"),
    )
    assert "✗ passenger: noticed no fault: 40 faults, none noticed" in text


def test_the_cases_of_one_test_are_one_entry_that_counts_them(tmp_path):
    name = "tests/test_halves.py::test_half"
    results = [
        result(f"{name}[{case}]", "T-001", outcome=end)
        for case, end in enumerate(("passed", "passed", "failed"))
    ]
    text = page_of_one(tmp_path, *results)
    assert text.count("<code>tests/test_halves.py::test_half</code>") == 1
    assert "1 failed, 2 passed, asserts: 3" in text


def test_the_page_counts_test_tickets_by_level(tmp_path):
    text = page_of_one(tmp_path, result("tests/test_a.py::test_b", "T-001"))
    assert (
        '<th scope="row">3</th><td><a href="#?kind=T&amp;level=3">asserts executed</a></td><td>1</td>' in text
    )
    assert (
        '<th scope="row">5</th><td><a href="#?kind=T&amp;level=5">can fail in its claimed code</a></td><td>0</td>'
        in text
    )
