"""English words and signs that are written short and said long."""

from __future__ import annotations

from apps.pipeline.text.word_sets import word_set

ABBREVIATIONS = {
    "mr.": "Mister",
    "mrs.": "Missus",
    "ms.": "Miz",
    "prof.": "Professor",
    "gen.": "General",
    "capt.": "Captain",
    "lt.": "Lieutenant",
    "col.": "Colonel",
    "sgt.": "Sergeant",
    "rev.": "Reverend",
    "sen.": "Senator",
    "gov.": "Governor",
    "rep.": "Representative",
    "hon.": "Honourable",
    "jr.": "Junior",
    "sr.": "Senior",
    "mt.": "Mount",
    "ave.": "Avenue",
    "blvd.": "Boulevard",
    "rd.": "Road",
    "vs.": "versus",
    "vs": "versus",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "etc": "et cetera",
    "approx.": "approximately",
    "inc.": "Incorporated",
    "ltd.": "Limited",
    "corp.": "Corporation",
    "dept.": "department",
    "est.": "established",
    "cf.": "compare",
    "w/": "with",
    "w/o": "without",
    "a.m.": "ay M",
    "p.m.": "P M",
    "ph.d.": "P H D",
    "phd": "P H D",
    "jan.": "January",
    "feb.": "February",
    "aug.": "August",
    "sept.": "September",
    "oct.": "October",
    "nov.": "November",
    "dec.": "December",
    "ca.": "circa",
    "24/7": "twenty-four seven",
    "9/11": "nine eleven",
    "vol.": "volume",
    "pp.": "pages",
}
RANKS = word_set("rep. rev. gen. col. sen. gov. hon. capt. lt. sgt. prof. mt.")
"""Of ABBREVIATIONS those that stand before a name; without one they are words of their own, or their ends."""

MISREAD_ACRONYMS = word_set("ATP ECB ETF ETFS IPO IQ LED ROI CO2 GHZ SQL IRA APR APY EPS EQ AUD ESG")
"""Acronyms that espeak-ng says as a word; it spells FBI or DNA by itself and rightly says NASA."""

SYMBOLS = {
    "&": "and",
    "+": "plus",
    "=": "equals",
    "×": "times",
    "÷": "divided by",
    "@": "at",
    "<": "is less than",
    ">": "is greater than",
}

CURRENCIES = {
    "$": ("dollar", "cent"),
    "US$": ("US dollar", "cent"),
    "£": ("pound", "penny"),
    "€": ("euro", "cent"),
    "¥": ("yen", "sen"),
    "₹": ("rupee", "paisa"),
    "₽": ("rouble", "kopeck"),
    "₩": ("won", "jeon"),
    "A$": ("Australian dollar", "cent"),
    "C$": ("Canadian dollar", "cent"),
}
UNCHANGED_PLURALS = frozenset({"yen", "sen", "won", "jeon"})

SCALES = {
    "k": "thousand",
    "K": "thousand",
    "m": "million",
    "M": "million",
    "mn": "million",
    "mm": "million",
    "bn": "billion",
    "b": "billion",
    "B": "billion",
    "tn": "trillion",
    "t": "trillion",
    "T": "trillion",
}
SCALE_WORDS = frozenset({"hundred", "thousand", "million", "billion", "trillion"})

UNITS = {
    "km": "kilometre",
    "m": "metre",
    "cm": "centimetre",
    "mm": "millimetre",
    "kg": "kilogram",
    "g": "gram",
    "mg": "milligram",
    "km/h": "kilometre per hour",
    "kmh": "kilometre per hour",
    "kph": "kilometre per hour",
    "mph": "mile per hour",
    "m/s": "metre per second",
    "km/s": "kilometre per second",
    "°C": "degree Celsius",
    "°F": "degree Fahrenheit",
    "°": "degree",
    "K": "kelvin",
    "%": "percent",
    "ft": "foot",
    "ft.": "foot",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "mi": "mile",
    "l": "litre",
    "L": "litre",
    "ml": "millilitre",
    "mL": "millilitre",
    "km²": "square kilometre",
    "m²": "square metre",
    "km2": "square kilometre",
    "m2": "square metre",
    "m³": "cubic metre",
    "Hz": "hertz",
    "kHz": "kilohertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "W": "watt",
    "kW": "kilowatt",
    "MW": "megawatt",
    "GW": "gigawatt",
    "kWh": "kilowatt hour",
    "V": "volt",
    "kB": "kilobyte",
    "KB": "kilobyte",
    "MB": "megabyte",
    "GB": "gigabyte",
    "TB": "terabyte",
    "min": "minute",
    "min.": "minute",
    "hr": "hour",
    "hrs": "hour",
    "h": "hour",
    "s": "second",
    "sec": "second",
    "ms": "millisecond",
    "dB": "decibel",
    "kcal": "kilocalorie",
    "cal": "calorie",
    "bpm": "beat per minute",
    "ha": "hectare",
    "AU": "astronomical unit",
    "nm": "nanometre",
    "µm": "micrometre",
    "in.": "inch",
}

REGNAL_NAMES = word_set(
    """
    Louis Henry Charles George Edward Richard William James Elizabeth Mary Catherine Peter Nicholas Alexander
    Napoleon Philip Frederick Wilhelm Leopold Ivan Paul John Pius Benedict Francis Gregory Innocent Urban Leo
    Clement Felipe Juan Carlos Ramesses Ramses Thutmose Darius Xerxes Cyrus Cleopatra Ptolemy Otto Haakon
    Harald Christian Gustav Suleiman Mehmed Murad Selim Robert Margaret Isabella Ferdinand Alfonso
    Amenhotep Seti Constantine Justinian
    """
)

AIRCRAFT_MAKERS = word_set("Boeing Airbus Embraer Bombardier Douglas Fokker Tupolev Convair Dornier")


def plural(unit: str) -> str:
    """Return the plural of a unit of `UNITS` or `CURRENCIES`: "feet", "degrees Celsius", "miles per hour"."""
    head, space, rest = unit.partition(" per ")
    if head in UNCHANGED_PLURALS | {"percent", "hertz", "kilohertz", "megahertz", "gigahertz", "kelvin"}:
        return unit
    if head.startswith("degree "):
        return "degrees " + head.removeprefix("degree ")
    irregular = {"foot": "feet", "penny": "pence", "paisa": "paise", "inch": "inches"}
    return irregular.get(head, head + "s") + space + rest
