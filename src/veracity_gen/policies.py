"""Target: policies of specs/policies/, each checked by its schema and turned into the smallest table that the code needs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema

from veracity_gen import strict_yaml
from veracity_gen.errors import SourceRefused
from veracity_gen.header import python_header


def generate(root: Path) -> dict[str, str]:
    """One module for each policy."""
    files = {"policies/__init__.py": f'{python_header("specs/policies/")}"""Policies; one module each."""\n'}
    for name, render in _RENDER.items():
        content = _checked(root, name)
        files[f"policies/{name}.py"] = python_header(f"specs/policies/{name}.yaml") + render(content)
    return files


def _checked(root: Path, name: str) -> Any:
    """The policy's content; raises SourceRefused with every breach of its schema."""
    content = strict_yaml.load(root / "specs" / "policies" / f"{name}.yaml")
    schema = json.loads((root / "schemas" / "policies" / f"{name}.schema.json").read_text(encoding="utf-8"))
    breaches = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(content), key=lambda one: one.json_path
    )
    if breaches:
        raise SourceRefused(
            [f"specs/policies/{name}.yaml: {one.json_path}: {one.message}" for one in breaches]
        )
    return content


def _rulebook(content: Any) -> str:
    names = [rule["rule"] for rule in content["rules"]]
    absolute = [rule["rule"] for rule in content["rules"] if "absolute" in rule]
    if absolute != names[: len(absolute)]:
        raise SourceRefused(["specs/policies/rulebook.yaml: an absolute rule stands behind one that is not"])
    return (
        '"""The risk rulebook: guards in the order in which the gate asks them."""\n\n'
        f"from typing import Final\n\nRULEBOOK: Final[tuple[str, ...]] = {tuple(names)!r}\n\n"
        f"ABSOLUTE: Final[tuple[str, ...]] = {tuple(absolute)!r}\n"
        '"""Rules that are asked of every intent, before the mode."""\n'
    )


def _drift_answers(content: Any) -> str:
    rows = [(row["severity"], row["answer"]) for row in content["answers"]]
    if len(dict(rows)) != len(rows):
        raise SourceRefused(["specs/policies/drift_answers.yaml: a severity is answered twice"])
    return (
        '"""What the guard drift_halt answers to each severity, from the least to the worst."""\n\n'
        "from typing import Final, Literal\n\n"
        f'DRIFT_ANSWERS: Final[dict[str, Literal["nothing", "hold", "close"]]] = {dict(rows)!r}\n'
    )


def _log_taxonomy(content: Any) -> str:
    kinds, notices = content["kinds"], content["notices"]
    entries = [*kinds.values(), *notices.values()]
    codes = [entry["code"] for entry in entries] + list(content["retired"])
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SourceRefused([f"specs/policies/log_taxonomy.yaml: given twice: {', '.join(twice)}"])
    return (
        '"""The log taxonomy: code, level, component, class and logged fields of every event kind and notice."""\n\n'
        "from typing import Final, Literal, NamedTuple, TypeAlias\n\n"
        f"Level: TypeAlias = Literal[{', '.join(repr(level) for level in content['levels'])}]\n\n"
        f"LogCode: TypeAlias = Literal[{', '.join(repr(entry['code']) for entry in entries)}]\n\n"
        f"LEVELS: Final[tuple[Level, ...]] = {tuple(content['levels'])!r}\n\n"
        "class Entry(NamedTuple):\n"
        '    """One kind of line as the log knows it."""\n\n'
        "    code: LogCode\n"
        "    level: Level\n"
        "    component: str\n"
        "    protected: bool  # never left out, whatever the log's budget\n"
        "    fields: tuple[str, ...]  # beside those that every line has where they apply\n\n"
        f"TAXONOMY: Final[dict[str, Entry]] = {{\n{_entries(kinds)}}}\n\n"
        f"NOTICES: Final[dict[str, Entry]] = {{\n{_entries(notices)}}}\n"
    )


def _entries(rows: Any) -> str:
    return "".join(
        f"    {kind!r}: Entry({entry['code']!r}, {entry['level']!r}, {entry['component']!r}, "
        f"{entry['class'] == 'protected'}, {tuple(entry['fields'])!r}),\n"
        for kind, entry in rows.items()
    )


def _journal(content: Any) -> str:
    numbers = {name: value for name, value in content.items() if name != "policy"}
    fields = "".join(f"    {name}: int\n" for name in numbers)
    values = ", ".join(f"{name}={value}" for name, value in numbers.items())
    return (
        '"""The numbers of the journal: caps, sizes, cadences."""\n\n'
        "from typing import Final, NamedTuple\n\n"
        "class JournalPolicy(NamedTuple):\n"
        f'    """How large, how often, how many."""\n\n{fields}\n'
        f"JOURNAL: Final = JournalPolicy({values})\n"
    )


def _fees(content: Any) -> str:
    rows, problems = "", []
    keys = [(one["venue"], one["product"], one["valid_from"]) for one in content["schedules"]]
    if len(set(keys)) != len(keys):
        problems.append("specs/policies/fees.yaml: a schedule is there twice")
    for one, key in zip(content["schedules"], keys, strict=True):
        floors = [tier["volume_min"] for tier in one["tiers"]]
        balances = [tier["balance_min"] for tier in one["tiers"]]
        if (
            floors[0] != 0
            or floors != sorted(set(floors))
            or balances[0] != 0
            or balances != sorted(balances)
        ):
            problems.append(f"specs/policies/fees.yaml: the tiers of {' '.join(key)} do not rise from 0")
        tiers = tuple(
            tuple(tier[name] for name in ("volume_min", "balance_min", "maker", "taker"))
            for tier in one["tiers"]
        )
        discount = one["discount"]
        rows += f"    Schedule{(*key, discount['currency'], discount['rate'], tiers)!r},\n"
    if problems:
        raise SourceRefused(problems)
    return (
        '"""Commission by venue and product."""\n\n'
        "from typing import Final, NamedTuple\n\n"
        "class Schedule(NamedTuple):\n"
        '    """Rates of one product of a venue; tiers are (volume_min in whole quote units, balance_min of the coin,\n    maker, taker in 10^-9)."""\n\n'
        "    venue: str\n    product: str\n    valid_from: str\n    discount_currency: str\n    discount: int\n"
        "    tiers: tuple[tuple[int, int, int, int], ...]\n\n"
        f"FEES: Final[tuple[Schedule, ...]] = (\n{rows})\n"
    )


def _data(content: Any) -> str:
    codes = [code for one in content["checks"] for code in one["codes"]]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SourceRefused([f"specs/policies/data.yaml: given twice: {', '.join(twice)}"])
    rows = "".join(
        f"    Check({one['check']!r}, {tuple(one['settings'])!r}, {tuple(one['codes'])!r}),\n"
        for one in content["checks"]
    )
    return (
        '"""What a dataset must pass before a run may read it."""\n\n'
        "from typing import Final, NamedTuple\n\n"
        "class Check(NamedTuple):\n"
        '    """One check: its settings, the default first, and the codes of its findings."""\n\n'
        "    name: str\n    settings: tuple[str, ...]\n    codes: tuple[str, ...]\n\n"
        f"DATA_CHECKS: Final[tuple[Check, ...]] = (\n{rows})\n"
    )


def _stress(content: Any) -> str:
    kinds = dict.fromkeys(one["kind"] for one in content["scenarios"])
    rows = "".join(
        f"    Scenario({one['name']!r}, {one['kind']!r}, {one['size']!r}, {one['required']!r}, {one['text']!r}),\n"
        for one in content["scenarios"]
    )
    names = [one["name"] for one in content["scenarios"]]
    if len(set(names)) != len(names):
        raise SourceRefused(["specs/policies/stress.yaml: a scenario is there twice"])
    return (
        '"""What a run must survive: one thing made worse at a time."""\n\n'
        "from typing import Final, Literal, NamedTuple, TypeAlias\n\n"
        f"Kind: TypeAlias = Literal[{', '.join(map(repr, kinds))}]\n\n"
        "class Scenario(NamedTuple):\n"
        '    """One change of a run."""\n\n'
        "    name: str\n    kind: Kind\n    size: int  # its unit follows from the kind\n"
        "    required: bool\n    text: str\n\n"
        f"STRESS: Final[tuple[Scenario, ...]] = (\n{rows})\n"
    )


def _reality_score(content: Any) -> str:
    weights = {one["name"]: one["weight"] for one in content["components"]}
    problems = []
    if sum(weights.values()) != 100 or len(weights) != len(content["components"]):
        problems.append(
            "specs/policies/reality_score.yaml: the weights of distinct components do not add up to 100"
        )
    problems += [
        f"specs/policies/reality_score.yaml: {name} is no component"
        for name in content["vetoes"]
        if name not in weights
    ]
    if problems:
        raise SourceRefused(problems)
    return (
        '"""Components of the reality score in order, with their weights."""\n\n'
        f"from typing import Final\n\nREALITY_WEIGHTS: Final[dict[str, int]] = {weights!r}\n\n"
        f"REALITY_VETOES: Final[tuple[str, ...]] = {tuple(content['vetoes'])!r}\n"
        '"""Components that make the whole score 0 where they are 0."""\n'
    )


def _breaker(content: Any) -> str:
    if content["calls_min"] > content["window"]:
        raise SourceRefused(["specs/policies/breaker.yaml: calls_min is above window: it could never open"])
    return (
        '"""Numbers of the circuit breaker of the venue."""\n\n'
        "from typing import Final\n\n"
        f"WINDOW: Final = {content['window']}\n"
        f"CALLS_MIN: Final = {content['calls_min']}\n"
        f"ERROR_SHARE_PERCENT: Final = {content['error_share_percent']}\n"
        f"OPEN_NS: Final = {content['open_seconds'] * 10**9}\n"
        f"PROBES: Final = {content['probes']}\n"
    )


def _retry(content: Any) -> str:
    rows = "".join(
        f"    {name!r}: Retry({call['attempts']}, {call['base_ms'] * 10**6}, {call['factor']}, "
        f"{call['cap_ms'] * 10**6}, {content['jitter_percent']}),\n"
        for name, call in content["calls"].items()
    )
    return (
        '"""Which calls are tried again, how often and how far apart."""\n\n'
        "from typing import Final, NamedTuple\n\n\n"
        "class Retry(NamedTuple):\n"
        '    """How one kind of call is tried again."""\n\n'
        "    attempts: int  # calls in all, the first one counted\n"
        "    base_ns: int  # wait after the first failure\n"
        "    factor: int\n"
        "    cap_ns: int  # longest wait\n"
        "    jitter_percent: int  # most by which a wait is lengthened\n\n\n"
        f"RETRY: Final[dict[str, Retry]] = {{\n{rows}}}\n"
    )


def _supervisor(content: Any) -> str:
    policy = {name: value for name, value in content.items() if name != "policy"}
    values = ", ".join(
        f"{name}={tuple(value) if isinstance(value, list) else value!r}" for name, value in policy.items()
    )
    return (
        '"""When a supervised process is started again, how soon, and how often."""\n\n'
        "from typing import Final, NamedTuple\n\n\n"
        "class Supervision(NamedTuple):\n"
        '    """What is started again, and when that ends."""\n\n'
        "    signals: tuple[str, ...]  # that end a process which is started again\n"
        "    exit_codes: tuple[int, ...]  # likewise\n"
        "    base_ms: int  # wait before the first start again\n"
        "    factor: int\n"
        "    cap_ms: int  # longest wait\n"
        "    settled_ms: int  # a process that lived so long is no part of a row of crashes\n"
        "    restarts_max: int  # in a row\n\n\n"
        f"SUPERVISION: Final = Supervision({values})\n"
    )


_RENDER: Final[dict[str, Callable[[Any], str]]] = {
    "rulebook": _rulebook,
    "data": _data,
    "fees": _fees,
    "log_taxonomy": _log_taxonomy,
    "drift_answers": _drift_answers,
    "journal": _journal,
    "stress": _stress,
    "reality_score": _reality_score,
    "breaker": _breaker,
    "retry": _retry,
    "supervisor": _supervisor,
}
