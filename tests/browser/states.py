"""Every page in every state: what is audited, and what screenshots are made of."""

from __future__ import annotations

from typing import NamedTuple

from tests.browser import states_account, states_public, states_shop, states_video
from tests.browser.state import State

STATES: dict[str, State] = {
    state.name: state
    for state in (*states_public.STATES, *states_account.STATES, *states_shop.STATES, *states_video.STATES)
}


class Look(NamedTuple):
    """A state at a width in pixels, light or dark."""

    state: State
    width: int
    theme: str

    @property
    def name(self) -> str:
        return f"{self.state.name}-{self.width}-{self.theme}"


LOOKS = [Look(state, width, theme) for state in STATES.values() for width in (320, 1280) for theme in ("light", "dark")]
