"""What is known about a fault decides when it is tried."""

from pathlib import Path
from textwrap import dedent

from veracity_trace.evidence.claims import find_point
from veracity_trace.evidence.mutants import mutants_of
from veracity_trace.evidence.odds import Odds

SOURCE = dedent("""
    def below(number):
        return number < 10 and number != 5 or number == 20
""")


def faults(root: Path):
    (root / "src").mkdir()
    (root / "src/odd.py").write_text(SOURCE, encoding="utf-8")
    return mutants_of(root, find_point(root, "odd:below"))


def test_recorded_then_noticed_then_new_then_survived_then_crashed(tmp_path):
    recorded, noticed, new, survived, crashed, *_ = faults(tmp_path)
    odds = Odds({"test_a": {recorded[1]}})
    for (mutant, _), outcome in ((crashed, "crashed"), (survived, "survived"), (noticed, "killed")):
        odds.learn(mutant, outcome)
    ordered = sorted([crashed, survived, new, noticed, recorded], key=lambda each: odds.rank("test_a", *each))
    assert ordered == [recorded, noticed, new, survived, crashed]


def test_what_one_test_noticed_before_says_nothing_of_another(tmp_path):
    first, *_ = faults(tmp_path)
    odds = Odds({"test_a": {first[1]}})
    assert odds.rank("test_a", *first) < odds.rank("test_b", *first)


def test_a_fault_that_a_sibling_survived_and_another_noticed_is_tried_soon(tmp_path):
    one, other, *_ = faults(tmp_path)
    odds = Odds({})
    odds.learn(one[0], "survived")
    odds.learn(one[0], "killed")
    assert odds.rank("test_a", *one) < odds.rank("test_a", *other)
