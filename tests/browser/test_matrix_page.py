"""The matrix as people use it: in a real browser, from a file, with keys and eyes of all kinds."""

import pytest
from playwright.sync_api import expect
from tests.browser.axe import violations
from tests.kit.programs import needs
from tests.trace.make import KILL, matrix_of, proven, result, ticket

from veracity_trace.evidence.evidence import Proof
from veracity_trace.page import render_html

pytestmark = needs("chromium")


@pytest.fixture(scope="module")
def matrix_page(tmp_path_factory):
    """A matrix with one ticket of each kind and status."""
    folder = tmp_path_factory.mktemp("matrix")
    matrix = matrix_of(
        folder,
        ticket(
            "T-001",
            title="Half of four",
            specs=("S-001",),
            acceptance=("`halve(4)` is 2; fails if it is 3.",),
            enforces=("trace_sample:halve",),
            must_see=("order_filled",),
        ),
        ticket("T-002", title="Odd numbers", specs=("S-001",), sabotage="odd_is_even"),
        ticket("T-003", title="Zero", claimed=False),
        ticket(
            "S-001",
            title="Rules",
            checks=("T-001", "T-002"),
            spec="specs/things/rules.md#s-001",
            claimed=False,
        ),
        results=[
            result("tests/test_halves.py::test_half_of_four", "T-001"),
            result("tests/test_halves.py::test_smoke", "T-001"),
            result("tests/test_halves.py::test_odd", "T-002", outcome="failed"),
        ],
        evidence={
            "T-001": proven(
                test_half_of_four=Proof("claim", KILL, ""),
                test_smoke=Proof("passenger", None, "40 faults, none noticed"),
            )
        },
    )
    path = folder / "matrix.html"
    path.write_text(render_html(matrix, ".."), "utf-8")
    return path


def visible_rows(page):
    return page.locator("#rows > details:visible").evaluate_all("rows => rows.map(row => row.id)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_whether_rows_are_open_or_closed(open_page, matrix_page, scheme, width):
    page = open_page(matrix_page, scheme, width)
    assert violations(page) == []
    page.evaluate("for (const row of document.querySelectorAll('details')) row.open = true")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_never_scrolls_sideways(open_page, matrix_page, width):
    page = open_page(matrix_page, width=width)
    page.evaluate("for (const row of document.querySelectorAll('details')) row.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_filter_narrows_and_reset_shows_all_again(open_page, matrix_page):
    page = open_page(matrix_page)
    everything = ["T-001", "T-002", "T-003", "S-001"]
    assert visible_rows(page) == everything
    for field, value, left in (
        ("kind", "S", ["S-001"]),
        ("status", "open", ["T-003", "S-001"]),
        ("level", "0", ["T-003"]),
        ("section", "1", everything),
    ):
        page.locator(f"[name={field}]").select_option(value)
        assert visible_rows(page) == left, field
        page.get_by_role("button", name="Show all").click()
        expect(page.locator("#rows > details:not([hidden])")).to_have_count(4)


def test_text_is_sought_in_all_of_a_row(open_page, matrix_page):
    page = open_page(matrix_page)
    page.get_by_role("searchbox", name="Text").fill("halve(4) four")
    assert visible_rows(page) == ["T-001"]
    assert page.get_by_role("status").inner_text() == "1 of 4 tickets"


def test_a_row_opens_and_closes_with_keys_alone(open_page, matrix_page):
    page = open_page(matrix_page)
    page.locator("#T-001 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#T-001 .body").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('details').id") == "T-001"
    page.locator("#T-001 > summary").focus()
    page.keyboard.press("Enter")
    assert not page.locator("#T-001 .body").is_visible()


def test_a_link_to_a_ticket_opens_it_even_when_it_is_filtered_out(open_page, matrix_page):
    page = open_page(matrix_page)
    page.locator("[name=kind]").select_option("S")
    page.locator("#S-001 > summary").click()
    page.locator("#S-001").get_by_role("link", name="T-001").click()
    expect(page.locator("#T-001 .body")).to_be_visible()
    assert visible_rows(page) == ["T-001", "S-001"]


def test_without_its_script_the_page_still_shows_every_row(chromium, matrix_page):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(matrix_page.as_uri())
    assert page.locator("#rows > details").count() == 4
    context.close()


def test_the_address_keeps_what_is_shown(open_page, matrix_page):
    page = open_page(matrix_page)
    page.locator("[name=kind]").select_option("T")
    page.get_by_role("searchbox", name="Text").fill("odd")
    assert page.evaluate("location.hash") == "#?kind=T&text=odd"
    page.reload()
    assert visible_rows(page) == ["T-002"]
    assert page.locator("[name=kind]").input_value() == "T"
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#rows > details:not([hidden])")).to_have_count(4)
    assert page.evaluate("location.hash") == ""


def test_a_count_leads_to_the_tickets_it_counts(open_page, matrix_page):
    page = open_page(matrix_page)
    page.get_by_role("row", name="1 Things").get_by_role("link").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows > details:not([hidden])")).to_have_count(3)
    assert visible_rows(page) == ["T-001", "T-002", "T-003"]
    assert page.evaluate("document.activeElement.name") == "section"


def test_a_slash_leads_to_the_text_and_is_a_slash_within_it(open_page, matrix_page):
    page = open_page(matrix_page)
    page.keyboard.press("/")
    page.keyboard.type("specs/things")
    assert page.get_by_role("searchbox", name="Text").input_value() == "specs/things"
    assert visible_rows(page) == ["S-001"]
