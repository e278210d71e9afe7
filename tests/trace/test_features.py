from veracity_trace.features import check_features

RULES = """
Feature: Halves
  Rule: even numbers
    Scenario: four
      Given 4
"""


def told(root, text, *collected):
    (root / "features").mkdir()
    (root / "features/halves.feature").write_text(text, encoding="utf-8")
    return [str(problem) for problem in check_features(root, collected)]


def test_a_project_without_features_is_fine(tmp_path):
    assert check_features(tmp_path, []) == []


def test_a_collected_scenario_inside_a_rule_is_fine(tmp_path):
    assert told(tmp_path, RULES, "features/halves.feature::four") == []


def test_a_scenario_that_no_module_collects_is_an_orphan(tmp_path):
    assert told(tmp_path, RULES, "features/other.feature::four") == [
        'features/halves.feature: no test module collects the scenario "four" [orphan-scenario]'
    ]


def test_two_scenarios_of_one_name_are_refused_even_in_different_rules(tmp_path):
    text = RULES + RULES.split("Feature: Halves")[1].replace("even", "odd")
    assert told(tmp_path, text, "features/halves.feature::four") == [
        'features/halves.feature: 2 scenarios are named "four"; pytest-bdd runs only the last [duplicate-scenario]'
    ]


def test_a_ticket_tag_on_examples_is_refused_and_another_tag_is_not(tmp_path):
    text = """
Feature: Halves
  @T-001
  Scenario Outline: half of <n>
    Given <n>

    @T-002 @slow
    Examples:
      | n |
      | 4 |
"""
    assert told(tmp_path, text, "features/halves.feature::half of <n>") == [
        'features/halves.feature: tag @T-002 on Examples of "half of <n>" marks nothing; '
        "put it on the scenario [tag-on-examples]"
    ]


def test_a_feature_without_a_scenario_is_refused(tmp_path):
    assert told(tmp_path, "Feature: Halves\n") == [
        "features/halves.feature: the feature has no scenario [empty-feature]"
    ]


def test_an_empty_file_is_refused(tmp_path):
    assert told(tmp_path, "") == ["features/halves.feature: the feature has no scenario [empty-feature]"]


def test_a_file_that_is_no_gherkin_is_told_with_its_line(tmp_path):
    (problem,) = told(tmp_path, "Scenario: four\n  Given 4\n")
    assert problem.startswith("features/halves.feature: ")
    assert "(1:1)" in problem
    assert problem.endswith("[feature-unreadable]")
