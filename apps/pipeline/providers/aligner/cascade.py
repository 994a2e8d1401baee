"""Several aligners in a row: the first whose answer passes the check serves, and the record says which that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.pipeline.providers.aligner.base import Aligner, Alignment, AlignRequest
from apps.pipeline.providers.aligner.quality import check_alignment
from apps.pipeline.providers.errors import PipelineError, Rejected, Transient


class Cascade:
    """Tries `members` in order. Its identity is all of theirs: other members, or another order, make other keys."""

    name = "cascade"

    def __init__(self, members: Sequence[Aligner]) -> None:
        self.members = tuple(members)
        # Where the speaker gave no times, the second is who works.
        self.is_remote = any(getattr(member, "is_remote", False) for member in self.members[:2])
        self.identity = " > ".join(member.identity for member in self.members)

    def through(self, wrap: Callable[[Aligner], Aligner]) -> Cascade:
        """Return the same with each member wrapped, so that each one's calls are recorded as its own."""
        return Cascade([wrap(member) for member in self.members])

    def align(self, request: AlignRequest) -> Alignment:
        """Return the first alignment that passes.

        When none does it raises what may pass by itself, such as a busy service, before what an operator must mend,
        and that before what only the customer can change.
        """
        failures: list[PipelineError] = []
        for member in self.members:
            try:
                found = member.align(request)
                check_alignment(found, request)
            except PipelineError as failure:
                failures.append(failure)
                continue
            return found
        raise min(failures, key=_rank)


def _rank(failure: PipelineError) -> int:
    if isinstance(failure, Transient):
        return 1 if failure.code == "alignment_quality" else 0
    return 3 if isinstance(failure, Rejected) else 2
