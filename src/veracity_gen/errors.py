"""The one error of the generator: a source that must not be generated from."""


class SourceRefused(Exception):
    """One or more sources break a rule; each line of `problems` names the file and the place."""

    def __init__(self, problems: list[str]) -> None:
        assert problems, "a refusal says why"
        super().__init__("\n".join(problems))
        self.problems = problems
