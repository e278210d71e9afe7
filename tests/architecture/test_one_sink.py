"""Lines of a run's logs are made in one place and pass one sink."""

import ast

from tests.architecture.sources import files, name_of, tree


def callers(*names: str) -> set[str]:
    """Files that call a function or class of one of these names."""
    return {
        name_of(path)
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) in names
    }


def texts(text: str) -> set[str]:
    """Files with this text as a whole string literal."""
    return {
        name_of(path)
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value == text
    }


def test_only_the_event_log_and_the_audit_trail_write_lines_and_both_through_the_sink() -> None:
    assert callers("LineFile") == {"forensics/event_log.py", "forensics/audit.py"}
    assert texts("events.jsonl") == texts("audit.jsonl") == {"forensics/run_directory.py"}


def test_only_the_sink_makes_a_jsonl_file_and_events_and_notices_are_appended_by_one_function_each() -> None:
    assert callers("create_file") == {"forensics/files.py", "forensics/line_file.py"}
    (event_log,) = (path for path in files() if name_of(path) == "forensics/event_log.py")
    appending = [
        function.name
        for function in ast.walk(tree(event_log))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._file.append"
    ]
    assert appending == ["emit", "notice"]
