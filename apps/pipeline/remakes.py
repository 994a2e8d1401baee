"""What changing scenes would make and cost: the same for whoever is shown it and for the action that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.attempt_prices import AttemptPrice, price_of_edited
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import WORDS_PER_MINUTE, Brief, Script
from apps.pipeline.judging import refuse_harmful_scene
from apps.pipeline.models import Artifact, Job, JobStep
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.queries import are_files_gone
from apps.pipeline.render.caption_words import require_short_words
from apps.pipeline.render.fonts import require_glyphs
from apps.pipeline.states import JobState
from apps.pipeline.text.editing import SceneChange, SceneRefused, changed_numbers, edit_script, named_as_before


@dataclass(frozen=True)
class ChangedScene:
    """A scene that is otherwise than before, and in what."""

    number: int
    has_new_words: bool
    has_new_picture: bool


@dataclass(frozen=True)
class Remake:
    """A script with changes and what making it sets aside.

    `changed` has the scenes that are otherwise than in the version that was finished last, and where there is none, or
    its files are gone (`is_whole`), than in the script before.
    """

    script: Script
    changed: tuple[ChangedScene, ...]
    is_whole: bool
    cost: AttemptPrice

    @property
    def changed_scenes(self) -> int:
        """For the job's row: 0 where all has to be made."""
        return 0 if self.is_whole else len(self.changed)


def script_made_for(job: Job) -> Artifact | None:
    """Return the script that a job works from, None while there is none. One query."""
    row = JobStep.objects.filter(job=job, step="script", part="").select_related("artifact").first()
    return row.artifact if row is not None else None


def remake_of(job: Job, made: Script, changes: Sequence[SceneChange]) -> Remake:
    """Return what the changes make of the script that the job made. Asks nobody outside; nine queries at most.

    Raises SceneRefused for what cannot be said, drawn or shown.
    """
    brief = from_json(job.brief, Brief)
    finished = _finished_script(job)
    before = made if finished is None else finished
    script = named_as_before(edited(made, brief, changes, take=_next_take(job)), before)
    changed = tuple(_changed(before, script, number) for number in changed_numbers(before, script))
    cost = price_of_edited(job, brief, script, changed_scenes=0 if finished is None else len(changed))
    return Remake(script=script, changed=changed, is_whole=finished is None, cost=cost)


def edited(made: Script, brief: Brief, changes: Sequence[SceneChange], *, take: int) -> Script:
    """Return the script with the changes; `take` is for pictures that are drawn anew. Raises SceneRefused."""
    for change in changes:
        refuse_harmful_scene(change)
    words_per_minute = round(WORDS_PER_MINUTE[brief.pace] * brief.voice.speed)
    script = edit_script(made, changes, words_per_minute=words_per_minute, take=take)
    for number in changed_numbers(made, script):
        _require_showable(script, number)
    return script


def _changed(before: Script, after: Script, number: int) -> ChangedScene:
    if number > min(len(before.scenes), len(after.scenes)):
        return ChangedScene(number, has_new_words=True, has_new_picture=True)
    old, new = before.scenes[number - 1], after.scenes[number - 1]
    is_drawn_anew = (old.image_prompt, old.take) != (new.image_prompt, new.take)
    return ChangedScene(number, has_new_words=old.tokens != new.tokens, has_new_picture=is_drawn_anew)


def _next_take(job: Job) -> int:
    """One that no job of the video has had: each draws at most one new picture of a scene."""
    return Job.objects.filter(project_id=job.project_id).count()


def _require_showable(script: Script, number: int) -> None:
    scene = script.scenes[number - 1]
    try:
        require_glyphs(scene.display_text)
        require_short_words(scene.tokens)
    except Rejected as error:
        raise SceneRefused(error.code, error.sentence, number, "words") from error


def _finished_script(job: Job) -> Script | None:
    """Return the script of the version that was finished last, None where there is none or its files are gone."""
    if are_files_gone(job.project_id):
        return None
    ready = job if job.is_ready else _last_ready(job)
    artifact = script_made_for(ready) if ready is not None else None
    return from_json(artifact.payload, Script) if artifact is not None else None


def _last_ready(job: Job) -> Job | None:
    ready = Job.objects.filter(project_id=job.project_id, state=JobState.READY, created_at__lt=job.created_at)
    return ready.order_by("-created_at").first()
