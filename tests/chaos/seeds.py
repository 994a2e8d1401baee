"""Seeds of scenarios that draw anew each time."""

from __future__ import annotations

import secrets

from hypothesis import core


def any_seed() -> int:
    """Another each time; `--hypothesis-seed` with the number of a line draws the same again."""
    given_seed = core.global_force_seed
    return secrets.randbelow(1_000_000) if given_seed is None else given_seed
