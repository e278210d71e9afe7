"""`veracity replay RUN`: is the state that a run ended in what its journal says?"""

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import emit, say
from veracity.app.cli.progress import progress
from veracity.app.cli.run_argument import RUN
from veracity.app.run_dirs import find
from veracity.domain.errors import ExitCode


@click.command()
@RUN
@click.option("--rerun", is_flag=True, help="Run the engine again too, and compare event by event.")
@common_options
def replay(run: str, rerun: bool) -> None:
    """Fold the journal of RUN (an id, a path, or `latest`) with its dataset, and compare the state hash.

    Exit code 0: the same. 5: something differs. 4: the dataset is another one. 7: the journal is of another version, or, with
    --rerun, a strategy is.
    """
    from veracity.app.replay import replay_run

    entry = find(settings().run_dir, run)
    with progress("replay") as heard:
        outcome = replay_run(entry.path, rerun=rerun, progress=heard)
    is_same = outcome.state_hash_expected == outcome.state_hash_found and outcome.first_difference is None
    if settings().json:
        content = {
            "run_id": entry.run_id,
            "run_dir": str(entry.path),
            "state_hash": outcome.state_hash_found,
            "state_hash_expected": outcome.state_hash_expected,
            "events": outcome.events,
            "facts": outcome.facts,
            "rerun": rerun,
            "first_difference": outcome.first_difference,
            "same": is_same,
        }
        emit("veracity.replay/1", content)
    else:
        say(f"run         {entry.path}")
        say(
            f"folded      {outcome.events} events of the journal, {outcome.facts} market facts of the dataset"
        )
        say(f"state hash  {outcome.state_hash_found}")
        if outcome.state_hash_expected != outcome.state_hash_found:
            say(f"expected    {outcome.state_hash_expected or 'none: the run did not end in order'}")
        if rerun:
            say(f"run again   {outcome.first_difference or 'every event is equal'}")
        if outcome.state_hash_expected is None and outcome.first_difference is None:
            say("NOT ENDED: what was journaled folds, but there is no hash to compare it with")
        else:
            say("same" if is_same else "DIFFERENT")
    if not is_same:
        click.get_current_context().exit(ExitCode.FINDING)
