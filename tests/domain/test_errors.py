from veracity.domain.errors import (
    EngineFault,
    ExitCode,
    IllegalTransition,
    JournalGap,
    OperatorFault,
    OperatorFaults,
    VenueFault,
)


def test_exit_codes_are_a_contract_with_every_caller() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "INTERNAL": 1,
        "USAGE": 2,
        "CONFIG": 3,
        "DATA": 4,
        "FINDING": 5,
        "HALTED": 6,
        "UNSAFE": 7,
        "VENUE": 8,
        "TIMEOUT": 9,
    }


def test_an_error_is_ours_or_the_venues_or_the_operators() -> None:
    assert issubclass(JournalGap, EngineFault)
    assert issubclass(IllegalTransition, EngineFault)
    classes = (EngineFault, VenueFault, OperatorFault)
    assert not any(issubclass(one, other) for one in classes for other in classes if one is not other)


def test_an_operator_fault_says_where_what_why_and_what_to_do() -> None:
    fault = OperatorFault("tick is 0", where="run.toml:7", why="a price needs a step", hint="write 0.01")
    assert str(fault) == "run.toml:7: tick is 0: a price needs a step (write 0.01)"
    assert fault.exit_code is ExitCode.CONFIG


def test_an_operator_fault_needs_no_more_than_what() -> None:
    assert str(OperatorFault("no such run")) == "no such run"


def test_one_fault_of_several_is_told_by_itself() -> None:
    assert OperatorFaults.of([OperatorFault("no such file")]).what == "no such file"


def test_several_faults_are_told_together_with_the_exit_code_of_the_first() -> None:
    faults = OperatorFaults.of(
        [OperatorFault("gap", where="a", exit_code=ExitCode.DATA), OperatorFault("NaN", where="b")]
    )
    assert str(faults) == "a: gap\nb: NaN"
    assert faults.what == "2 errors"
    assert faults.exit_code is ExitCode.DATA
