"""Strikes flows at their failpoints, all of them or a sample, and says which sites of the source nobody ever struck."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from canvascast.operations.reconcile import reconcile
from tests.chaos.failpoints import films, people, programs, shops, upkeep, voices
from tests.chaos.failpoints.sites import all_sites
from tests.chaos.failpoints.stage import Fault, Flow, Stage, Strike
from tests.chaos.failpoints.world import World, half_files

EXCUSED = {
    "commit apps.accounts.shared_cache:SharedCache.add": "takes a lock and writes nothing",
    "commit apps.pipeline.left_files:_wait_for": "takes a lock and writes nothing",
    "call apps.pipeline.render.voice_sample:_said": "speaks in a limited child that writes nothing and costs nothing",
    "commit canvascast.metrics.collector:_read_on": "reads",
    "rename apps.pipeline.blobs:UserBlobs._download": "a copy in the step's own folder, which goes with it",
    "write canvascast.metrics.collector:_read_on": "reads",
    "write canvascast.metrics.collector:_read_on#2": "reads",
    "write canvascast.indexes:AddIndexMeanwhile.database_forwards": "belongs to a migration, which makes it anew",
    "commit canvascast.operations.first_boot:create_tables": "belongs to a migration, which PostgreSQL does whole",
    "write canvascast.operations.invariants:Invariant.findings": "reads",
    "commit canvascast.operations.reconcile:_one_moment": "reads",
    "write canvascast.operations.costs:costs": "reads",
    "write canvascast.operations.overview:_rows": "reads",
    "commit canvascast.operations.demo:_demo_user": "a demo's account, whole or not there; run again it goes on",
    "rename apps.pipeline.render.trial:_still": "a picture in a folder of this look, which goes with it",
    "write apps.pipeline.render.trial:_still": "likewise",
    "write canvascast.operations.doctor.site:cache": "a word that is taken away at once, and expires by itself",
    "write canvascast.operations.smoke.program:Program.tidy": "asks over HTTP; the site has failpoints of its own",
    "write canvascast.hint_queue:_post": "a hint by another broker, after its commit; the sweep repeats what is lost",
    "write canvascast.patient_queue:PatientQueue._leave_to_others": "a hint that this version cannot read; likewise",
    "write canvascast.patient_queue:PatientQueue._leave_to_others#2": "likewise",
}
"""Sites that the list cannot tell from writes, and why nothing can be lost there."""
Wanted = Callable[[str, Stage], bool]


def flows(world: World) -> Iterator[Flow]:
    """Return every flow, those that wait last: what others have struck is not struck there again."""
    yield from upkeep.flows(world)
    for stories in (people, programs, voices, films, shops):
        yield from stories.flows(world)


def flow_named(name: str, world: World) -> Flow:
    return next(flow for flow in flows(world) if flow.name == name)


def is_any(name: str, stage: Stage) -> bool:
    return True


def is_a_commit(name: str, stage: Stage) -> bool:
    """Tell whether it is a commit whose answer could be lost."""
    return stage.doors[name] == "commit" and name.endswith(":before")


def strike_all(stage: Stage, flow: Flow, strike: Strike, world: World, is_wanted: Wanted = is_any) -> None:
    """Play `flow` until each failpoint of each act that nobody struck yet was struck; a run strikes one an act."""
    waiting = _waiting(stage, stage.rehearse(flow, {}), is_wanted)
    while any(waiting):
        _play(stage, flow, {number: act[0] for number, act in enumerate(waiting) if act}, strike, world)
        waiting = _waiting(stage, [act[1:] for act in waiting], is_wanted)


def strike_some(
    stage: Stage, flow: Flow, strike: Strike, world: World, *, runs: int, seed: int, is_wanted: Wanted = is_any
) -> None:
    """Play `flow` so many times, each with a strike in every act at a failpoint that chance names."""
    chance = random.Random(seed)
    acts = _waiting(stage, stage.rehearse(flow, {}), is_wanted)
    for _ in range(runs):
        chosen = {number: chance.choice(act) for number, act in enumerate(acts) if act}
        _play(stage, flow, chosen, strike, world)


def never_struck(stage: Stage, kinds: set[str] | None = None) -> list[str]:
    """Return the sites of the source, of these kinds or of all, that no strike stood for and nobody excused."""
    struck = {site for name in stage.struck for site in stage.seen[name]} | set(EXCUSED)
    return [site.name for site in all_sites() if site.name not in struck and (not kinds or site.kind in kinds)]


def _waiting(stage: Stage, acts: list[list[str]], is_wanted: Wanted) -> list[list[str]]:
    struck = set(stage.struck)
    return [[name for name in act if name not in struck and is_wanted(name, stage)] for act in acts]


def _play(stage: Stage, flow: Flow, chosen: dict[int, str], strike: Strike, world: World) -> None:
    try:
        stage.play(flow, {}, {number: Fault(name, strike) for number, name in chosen.items()})
        found = [*map(str, reconcile()), *half_files(world)]
        assert found == [], found
    except AssertionError as error:
        raise AssertionError(f"{flow.name}, struck at {list(chosen.values())}") from error
