"""What can be bought, in one table. `manage.py sync_stripe` tells Stripe; what a request names is only ever a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canvascast.amounts import money_in_words
from canvascast.errors import Invalid

CURRENCY = "usd"


@dataclass(frozen=True)
class Item:
    """Credits at a price in US cents. A plan's are a month's, and up to `rollover` are carried over."""

    key: str
    name: str
    credits: int
    cents: int
    is_plan: bool = False
    rollover: int = 0

    @property
    def dollars(self) -> str:
        """The price in words: "$9" or "$9.50"."""
        return money_in_words(self.cents, CURRENCY)


PACKS = (
    Item("pack_starter", "Starter", credits=10, cents=900),
    Item("pack_creator", "Creator", credits=50, cents=3_900),
    Item("pack_pro", "Pro", credits=150, cents=9_900),
)
PLANS = (
    Item("plan_hobbyist", "Hobbyist", credits=30, cents=1_900, is_plan=True),
    Item("plan_creator", "Creator", credits=100, cents=4_900, is_plan=True, rollover=50),
    Item("plan_business", "Business", credits=300, cents=12_900, is_plan=True, rollover=150),
)
# What nobody can buy any more, as it was at the end: its payments keep their name, and who has such a plan keeps it.
RETIRED: tuple[Item, ...] = ()
ON_SALE: Mapping[str, Item] = {item.key: item for item in (*PACKS, *PLANS)}
ITEMS: Mapping[str, Item] = {item.key: item for item in (*ON_SALE.values(), *RETIRED)}


def item_named(key: str) -> Item:
    """Return the item that can be bought under the key. Raises Invalid when there is none."""
    if key in ON_SALE:
        return ON_SALE[key]
    sentence = f"There is no such thing to buy. There is: {', '.join(ON_SALE)}."
    raise Invalid(sentence, {"item": sentence})
