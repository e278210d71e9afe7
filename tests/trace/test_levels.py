import pytest
from tests.trace.make import index_of, result, ticket

from veracity_trace.levels import Level, Verdict, judge, judge_tests

TEST = ticket("T-001")
TWIN = ticket("T-002", same_as={"T-001": "second half"})


def standing_of(*tests, ticket_of_tests=TEST, **tickets):
    return judge_tests(ticket_of_tests, tests, tickets)


def gaps_of(standing):
    return [str(gap) for gap in standing.gaps]


def test_without_a_test_a_ticket_is_untested():
    standing = standing_of()
    assert (standing.level, standing.verdict) == (Level.UNTESTED, Verdict.UNTESTED)
    assert gaps_of(standing) == ["T-001: no test carries it [no-test]"]


def test_a_passing_test_with_one_assert_is_level_three():
    standing = standing_of(result("a", "T-001", asserts=1))
    assert (standing.level, standing.verdict, standing.gaps) == (Level.ASSERTED, Verdict.PASSING, ())


def test_a_passing_test_without_an_assert_is_vacuous():
    standing = standing_of(result("a", "T-001", asserts=0))
    assert (standing.level, standing.verdict) == (Level.PASSING, Verdict.VACUOUS)
    assert gaps_of(standing) == ["T-001: a passes without an assertion [no-assertion]"]


def test_one_vacuous_test_among_honest_ones_is_enough():
    standing = standing_of(result("a", "T-001", asserts=5), result("b", "T-001", asserts=0))
    assert (standing.level, standing.verdict) == (Level.PASSING, Verdict.VACUOUS)
    assert gaps_of(standing) == ["T-001: b passes without an assertion [no-assertion]"]


@pytest.mark.parametrize(
    ("outcome", "verdict", "gap"),
    [
        ("failed", Verdict.FAILING, "b fails: why [failing]"),
        ("error", Verdict.FAILING, "b fails: why [failing]"),
        ("xpassed", Verdict.FAILING, "b is marked xfail but passes: why [failing]"),
        ("xfailed", Verdict.NOT_RUN, "b is expected to fail: why [xfail]"),
        ("skipped", Verdict.NOT_RUN, "b was skipped: why [skipped]"),
        ("no_parameters", Verdict.NOT_RUN, "b is parametrized with nothing: why [empty-parametrize]"),
    ],
)
def test_a_bad_end_counts_even_beside_a_good_one(outcome, verdict, gap):
    bad = result("b", "T-001", outcome=outcome, reason="why", asserts=0)
    for tests in ([bad], [result("a", "T-001"), bad]):
        standing = standing_of(*tests)
        assert (standing.level, standing.verdict) == (Level.LINKED, verdict)
        assert gaps_of(standing) == [f"T-001: {gap}"]


def test_failing_is_worse_than_not_run():
    standing = standing_of(result("a", "T-001", outcome="skipped"), result("b", "T-001", outcome="failed"))
    assert standing.verdict is Verdict.FAILING
    assert [gap.code for gap in standing.gaps] == ["failing", "skipped"]


def test_a_test_is_shared_only_by_twins_that_name_each_other():
    shared = result("a", "T-001", "T-002")
    one = ticket("T-001", same_as={"T-002": "first half"})
    both = {"T-001": one, "T-002": TWIN}
    assert judge_tests(one, [shared], both).gaps == ()
    half = {"T-001": one, "T-002": ticket("T-002")}
    assert gaps_of(judge_tests(one, [shared], half)) == [
        "T-001: rests on a with T-002; only twins in same_as may [shared-test]"
    ]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "specs/things").mkdir(parents=True)
    (tmp_path / "specs/things/rules.md").write_text("## S-001 Halves\nT-001 and T-002\n", encoding="utf-8")
    return tmp_path


SPEC = ticket("S-001", checks=("T-001", "T-002"), spec="specs/things/rules.md#s-001")
CODE = ticket("I-001", checks=("T-001", "T-002"), symbol="json:dumps")
BOTH = (result("a", "T-001"), result("b", "T-002"))


def judged(root, *tickets, results=BOTH):
    return judge(index_of(TEST, ticket("T-002"), SPEC, CODE, *tickets), results, root)


def test_a_text_stands_on_all_its_checks(root):
    standing = judged(root)["S-001"]
    assert (standing.level, standing.gaps) == (Level.ASSERTED, ())
    assert [test.nodeid for test in standing.tests] == ["a", "b"]


def test_a_text_falls_with_one_open_check(root):
    standing = judged(root, ticket("T-002", claimed=False))["S-001"]
    assert gaps_of(standing) == ["S-001: T-002, which checks it, is open [spec]"]


def test_a_text_falls_with_one_weak_check_and_has_its_level(root):
    standing = judged(root, results=[result("a", "T-001"), result("b", "T-002", asserts=0)])["S-001"]
    assert standing.level is Level.PASSING
    assert gaps_of(standing) == ["S-001: T-002, which checks it, is at level 2 [spec]"]


def test_a_text_without_its_section_falls(root):
    (root / "specs/things/rules.md").write_text("nothing", encoding="utf-8")
    assert gaps_of(judged(root)["S-001"]) == [
        "S-001: specs/things/rules.md has 0 sections '## S-001 ...' instead of one [spec]"
    ]


def test_a_symbol_needs_only_one_proven_check(root):
    standing = judged(root, results=[result("b", "T-002")])["I-001"]
    assert (standing.level, standing.gaps) == (Level.ASSERTED, ())


def test_a_symbol_without_a_proven_check_falls(root):
    standing = judged(root, results=[result("a", "T-001", asserts=0)])["I-001"]
    assert gaps_of(standing) == ["I-001: none of T-001, T-002, which exercise it, is at level 3 [symbol]"]


def test_a_symbol_that_does_not_exist_falls(root):
    code = ticket("I-001", checks=("T-001",), symbol="json:halve")
    assert gaps_of(judged(root, code)["I-001"]) == [
        "I-001: json:halve cannot be imported: module 'json' has no attribute 'halve' [symbol]"
    ]
