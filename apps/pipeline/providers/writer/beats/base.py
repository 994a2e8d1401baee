"""What an outline is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """One stage of an outline: one of `openers`, then as many of `more` as there is room for, in any order.

    Each passage stands by itself. `{t}` is the topic, fit for "about", "understand" and "explain"; `{k}` is what it is
    called afterwards ("question", "subject", "skill", "idea"). `{a}`, after "wonder", is "about {t}" or a bare clause.
    """

    openers: tuple[str, ...]
    more: tuple[str, ...]
