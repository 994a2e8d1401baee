"""What a step is: it selects what it needs, then makes one thing from exactly that.

The runner calls `parts` and `request` when everything in `reads` is done. What they return is hashed: it is the key
under which the result is stored and found again, and it is all that `make_part` and `make` get to see besides the
context. So a result can depend on nothing that is missing from its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from apps.pipeline.contracts import Blob

C = TypeVar("C")


class BlobStore(Protocol):
    """Files by content. Nothing here is ever changed once it is stored."""

    def put(self, path: Path, suffix: str) -> Blob:
        """Store a copy of the file at `path`; `suffix` has its dot."""

    def put_bytes(self, content: bytes, suffix: str) -> Blob:
        """Store `content`; `suffix` has its dot."""

    def fetch(self, blob: Blob) -> Path:
        """Return a local path to read the blob from; never write there. Raises Transient when it is missing."""


@dataclass(frozen=True)
class JobFacts:
    """The job this runs for, for results that name it. `created_at` is ISO 8601 in UTC."""

    job_id: str
    project_id: str
    created_at: str


class Context(Protocol):
    """What the runner lends a step while it runs."""

    @property
    def store(self) -> BlobStore: ...

    scratch: Path
    """An empty folder that is deleted afterwards."""
    job: JobFacts
    provider: Any  # Any: the step's own capability protocol; the manifest pairs them
    moderator: Any  # Any: a Moderator, for steps that are moderated

    def progress(self, share: float, message: str = "") -> None:
        """Tell how much is done, 0 to 1; call it often.

        Raises Stopped when the job was cancelled or the lease was lost.
        """

    def recall(self, unit: str, request: object, kind: type[C]) -> C | None:
        """Return the finished unit made earlier from an equal `request`, or None."""

    def keep(self, unit: str, request: object, result: object) -> None:
        """Store a finished unit at once, so that a later attempt recalls it."""


class Stopped(Exception):
    """The job was cancelled or another worker took over: stop quietly, children included."""


@dataclass(frozen=True)
class Inputs:
    """What a step may select from: its Brief fields, what the steps it reads made, and its finished parts in order."""

    brief: Mapping[str, Any]  # Any: field values of Brief, restricted to the step's `uses`
    contracts: Mapping[str, Any]  # Any: contract by step name, restricted to the step's `reads`
    parts: Mapping[str, Any] = field(default_factory=dict)  # Any: this step's part results by part name


@dataclass(frozen=True)
class Retry:
    """Attempts in all, and the base of the jittered back-off between them."""

    attempts: int = 3
    backoff_seconds: float = 2.0


class Step:
    """Base of the steps in the manifest.

    `usual_seconds` is what it takes for a minute of video (measured on two cores with the embedded providers); once
    enough videos were made, those are believed instead.
    Raise `version` when the output changes. `per_job` puts the job itself into the key, for the one step whose result
    names the job. `is_moderated`: it is given the user's own words, and `Context.moderator` judges them first.
    `queue` is whose worker makes it, where that queue is split off from the steps' own.
    `takes_no_time`: where vendors are waited for it is made between two of their calls, and nobody is woken for it.
    """

    name: str
    status: str
    version: int = 1
    reads: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    capability: str | None = None
    queue: str = "steps"
    usual_seconds: float = 1.0
    timeout_seconds: int = 600
    retry: Retry = Retry()
    result: type
    request_type: type
    part_result: type | None = None
    part_request_type: type | None = None
    reuse_across_projects_seconds: int | None = None
    per_job: bool = False
    is_moderated: bool = False
    takes_no_time: bool = False

    def parts(self, inputs: Inputs) -> dict[str, object]:
        """Return one request per part, by part name, in order; empty when the step is made in one piece."""
        return {}

    def make_part(self, request: Any, context: Context) -> object:  # Any: the step's own part_request_type
        """Make one part, a `part_result`."""
        raise NotImplementedError(f"{self.name} declares no parts")

    def request(self, inputs: Inputs) -> object:
        """Select what `make` needs, a `request_type`; called when the parts are done (in `inputs.parts`)."""
        raise NotImplementedError

    def make(self, request: Any, context: Context) -> object:  # Any: the step's own request_type
        """Make the step's `result`."""
        raise NotImplementedError
