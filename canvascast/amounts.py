"""How lengths, credits and money are said: the same on a page, in a mail and in a terminal."""

from __future__ import annotations

_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
# https://docs.stripe.com/currencies#zero-decimal
_WITHOUT_CENTS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)


def length_in_words(seconds: float) -> str:
    """Return a length, rounded down to whole seconds: "24 s", "2 min", "1 min 28 s"."""
    minutes, rest = divmod(int(seconds), 60)
    return " ".join([f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * bool(rest or not minutes))


def credits_in_words(count: int) -> str:
    """Return the number with its unit: "1 credit", "12 credits"."""
    return f"{count} credit" if count == 1 else f"{count} credits"


def money_in_words(cents: int, currency: str) -> str:
    """Return an amount of the currency's smallest unit: "$39", "−€4.50", "3,900 JPY".

    A currency without a sign of its own is named behind the number; a whole amount has no cents.
    """
    code = currency.lower()
    whole, rest = (abs(cents), 0) if code in _WITHOUT_CENTS else divmod(abs(cents), 100)
    number = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    amount = f"{_SIGNS[code]}{number}" if code in _SIGNS else f"{number} {code.upper()}"
    return f"−{amount}" if cents < 0 else amount
