"""Every page in every state: what is audited, and what screenshots are made of."""

from __future__ import annotations

from tests.browser import states_account, states_public, states_video
from tests.browser.state import State

STATES: dict[str, State] = {
    state.name: state for state in (*states_public.STATES, *states_account.STATES, *states_video.STATES)
}
WIDTHS = (320, 1280)
THEMES = ("light", "dark")
