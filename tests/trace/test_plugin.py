"""The plugin in real pytest runs of a small project; what the report makes of them is in test_report.py."""

import shutil
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from tests.trace.project import GOOD, GOOD_TICKETS, run_pytest, write_project

from veracity_trace.plugin import FILTERS, filters_of, outcome_of, refusals_of
from veracity_trace.run import RUN_PATH, read_run


@pytest.fixture(scope="module")
def good(good_project):
    return read_run(good_project / RUN_PATH)


def by_name(run):
    return {test.nodeid.split("::")[1]: test for test in run.tests}


def test_a_good_run_is_recorded_whole(good):
    assert (good.exit_status, good.assertion_hook, good.filters) == (0, True, ())
    assert [(test.nodeid, test.tickets, test.outcome, test.asserts) for test in good.tests] == [
        ("tests/test_halves.py::test_an_odd_number_has_no_half", ("T-002",), "passed", 1),
        ("tests/test_halves.py::test_half_of_four", ("T-001",), "passed", 1),
        ("tests/test_halves.py::test_without_a_ticket", (), "passed", 2),
        ("tests/test_scenarios.py::test_half_of_number[0-0]", ("T-003",), "passed", 1),
        ("tests/test_scenarios.py::test_half_of_number[6-3]", ("T-003",), "passed", 1),
    ]


def test_a_scenario_is_recorded_by_file_and_name(good):
    assert {test.scenario for test in good.tests} == {"", "features/halves.feature::half of <number>"}


def test_the_files_of_the_run_are_recorded(good):
    assert sorted(good.files) == [
        "features/halves.feature",
        "src/talkative_plugin.py",
        "src/trace_sample.py",
        "tests/helpers.py",
        "tests/test_halves.py",
        "tests/test_scenarios.py",
    ]


def test_junit_xml_names_the_tickets_of_each_test(good_project):
    cases = ElementTree.parse(good_project / "build/trace/junit.xml").iter("testcase")
    told = {
        case.get("name"): [
            each.get("value") for each in case.iter("property") if each.get("name") == "tickets"
        ]
        for case in cases
    }
    assert told == {
        "test_an_odd_number_has_no_half": ["T-002"],
        "test_half_of_four": ["T-001"],
        "test_without_a_ticket": [],
        "test_half_of_number[0-0]": ["T-003"],
        "test_half_of_number[6-3]": ["T-003"],
    }


def test_every_end_of_a_test_is_told_apart_with_and_without_xdist(bad_project):
    run = read_run(bad_project / RUN_PATH)
    assert {name: (test.outcome, test.asserts) for name, test in by_name(run).items()} == {
        "test_half_of_four": ("passed", 1),
        "test_an_odd_number_has_no_half": ("passed", 1),
        "test_without_a_ticket": ("passed", 2),
        "test_half_of_number[6-3]": ("passed", 1),
        "test_half_of_number[0-0]": ("passed", 1),
        "test_skipped": ("skipped", 0),
        "test_xfail": ("xfailed", 0),
        "test_strict_xpass": ("xpassed", 1),
        "test_of_nothing[NOTSET]": ("no_parameters", 0),
        "test_asserts_nothing": ("passed", 0),
        "test_fails": ("failed", 1),
        "test_error_in_setup": ("error", 0),
        "test_error_in_teardown": ("error", 1),
        "test_of_strangers": ("passed", 1),
        "test_of_twins": ("passed", 1),
        "test_empty_then": ("passed", 0),
        "test_said_twice": ("passed", 0),
        "test_tagged_below[four]": ("passed", 0),
    }
    assert by_name(run)["test_skipped"].reason == "needs chromium"
    assert by_name(run)["test_xfail"].reason == "known"
    assert run.exit_status == 1

    run_pytest(bad_project, "-p", "xdist.plugin", "-n", "2", "--trace-out", "build/trace/xdist.json")
    assert read_run(bad_project / "build/trace/xdist.json") == run


@pytest.mark.parametrize("workers", [(), ("-p", "xdist.plugin", "-n", "1")])
def test_an_unknown_id_stops_the_run(tmp_path, workers):
    root = write_project(tmp_path, GOOD, GOOD_TICKETS)
    shutil.rmtree(root / "features")
    (root / "tests/test_scenarios.py").unlink()
    path = root / "tests/test_halves.py"
    path.write_text(path.read_text().replace('"T-002"', '"T-099"'), encoding="utf-8")
    ended = run_pytest(root, *workers)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "test_an_odd_number_has_no_half: unknown ticket 'T-099': no file of tickets/ has it" in (
        ended.stdout + ended.stderr
    )
    assert "passed" not in ended.stdout


def test_a_filtered_run_without_the_hook_says_both(tmp_path):
    root = write_project(tmp_path, GOOD, GOOD_TICKETS)
    ended = run_pytest(root, "-k", "four", "-o", "enable_assertion_pass_hook=false", "tests/test_halves.py")
    assert ended.returncode == 0, ended.stdout
    run = read_run(root / RUN_PATH)
    assert run.assertion_hook is False
    assert run.filters == ("-k four", "paths tests/test_halves.py", "2 tests deselected")
    assert [test.asserts for test in run.tests] == [0]


# ---------------------------------------------------------------- parts


def config_of(tmp_path, arguments=("tests",), testpaths=("tests",), **options):
    return SimpleNamespace(
        getoption=lambda name, default=None: options.get(name, default),
        getini={"testpaths": list(testpaths)}.get,
        invocation_params=SimpleNamespace(dir=tmp_path),
        rootpath=tmp_path,
        args=list(arguments),
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"keyword": "four"}, "-k four"),
        ({"markexpr": "not slow"}, "-m not slow"),
        ({"deselect": ["tests/a.py"]}, "--deselect ['tests/a.py']"),
        ({"ignore": ["tests/a.py"]}, "--ignore ['tests/a.py']"),
        ({"ignore_glob": ["*a.py"]}, "--ignore-glob ['*a.py']"),
        ({"lf": True}, "--last-failed"),
        ({"stepwise": True}, "--stepwise"),
        ({"maxfail": 1}, "--maxfail 1"),
        ({"collectonly": True}, "--collect-only"),
        ({"override_ini": ["python_files=a.py"]}, "-o python_files=a.py"),
    ],
)
def test_each_way_to_leave_tests_out_is_noticed(tmp_path, options, reason):
    assert filters_of(config_of(tmp_path, **options), deselected=0) == [reason]


@pytest.mark.parametrize("name", FILTERS)
def test_pytest_still_knows_each_option_that_filters_by_this_name(pytestconfig, name):
    missing = object()
    assert pytestconfig.getoption(name, missing) is not missing


def test_a_whole_run_is_no_filtered_run(tmp_path):
    harmless = {"keyword": "", "markexpr": "", "maxfail": 0, "override_ini": ["cache_dir=x"]}
    assert filters_of(config_of(tmp_path, **harmless), deselected=0) == []
    assert filters_of(config_of(tmp_path, arguments=[str(tmp_path / "tests")]), deselected=0) == []
    assert filters_of(config_of(tmp_path, arguments=[str(tmp_path)], testpaths=()), deselected=0) == []


@pytest.mark.parametrize("arguments", [["tests/a"], ["tests/a.py::test_b"], ["tests", "more"], ["."]])
def test_other_paths_than_those_of_the_project_are_a_filter(tmp_path, arguments):
    assert filters_of(config_of(tmp_path, arguments=arguments), 0) == [f"paths {' '.join(arguments)}"]


def test_deselection_by_another_plugin_is_a_filter(tmp_path):
    assert filters_of(config_of(tmp_path), deselected=1) == ["1 tests deselected"]


KNOWN = frozenset({"T-001", "S-001", "I-001"})


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        (pytest.mark.ticket("T-001"), []),
        (pytest.mark.ticket("T-002"), ["unknown ticket 'T-002': no file of tickets/ has it"]),
        (pytest.mark.ticket(1), ["unknown ticket 1: no file of tickets/ has it"]),
        (pytest.mark.ticket(), ['a ticket mark takes ids and nothing else: @pytest.mark.ticket("T-001")']),
        (
            pytest.mark.ticket(id="T-001"),
            ['a ticket mark takes ids and nothing else: @pytest.mark.ticket("T-001")'],
        ),
        (
            pytest.mark.ticket("I-001"),
            ["I-001 is no T ticket: a text or a symbol is proven through the T tickets it names in `checks`"],
        ),
    ],
)
def test_a_mark_names_known_t_tickets(mark, why):
    assert refusals_of(mark.mark, KNOWN) == why


def report_of(when="call", outcome="passed", longrepr=None, **more):
    report = pytest.TestReport("a", ("a.py", 0, "a"), {}, outcome, longrepr, when)
    report.__dict__.update(more)
    return report


@pytest.mark.parametrize(
    ("report", "end"),
    [
        (report_of(when="setup"), None),
        (report_of(when="teardown"), None),
        (report_of(wasxfail="why"), ("xpassed", "why")),
        (report_of(when="setup", outcome="failed", longrepr="x"), ("error", "")),
        (report_of(when="teardown", outcome="failed", longrepr="x"), ("error", "")),
        (report_of(when="???", outcome="failed", longrepr="worker crashed"), ("error", "")),
        (
            report_of(when="setup", outcome="skipped", longrepr=("a.py", 1, "Skipped: why")),
            ("skipped", "why"),
        ),
        (report_of(outcome="skipped", longrepr="x", wasxfail="why"), ("xfailed", "why")),
        (report_of(outcome="failed", longrepr="[XPASS(strict)] why"), ("xpassed", "[XPASS(strict)] why")),
    ],
)
def test_a_phase_decides_the_end_of_its_test_or_nothing(report, end):
    assert outcome_of(report) == end
