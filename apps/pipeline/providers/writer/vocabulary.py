"""Word lists of the sample writer."""

from __future__ import annotations

from apps.pipeline.text.word_sets import word_set

CLOSED_WORDS = word_set(
    """
    a about above after again against all almost also although always am among an and any are as at be because
    been before being below between both but by can could did do does doing down during each either else even
    ever every few for from further had has have having he her here hers herself him himself his how however i
    if in into is it its itself just least less let like may me might mine more most much must my myself
    neither never no nor not now of off often on once one only or other our ours out over own perhaps quite
    rather really same shall she should since so some still such than that the their theirs them themselves
    then there these they this those though through thus to too toward under until up upon us very was we were
    what when where whether which while who whom whose why will with within without would yet you your yours
    yourself don't doesn't isn't it's that's you'll you're they're i'm can't won't
    """
)
"""Function words of English: no topic of their own."""

VAGUE_WORDS = word_set(
    """
    thing things way ways lot kind sort part fact idea ideas question questions answer answers word words
    something anything everything nothing someone anyone everyone people time times day days moment reason
    reasons example examples place places point points case cases story stories subject topic outline guide
    first second third next last new old good better best bad great little small big long short many several
    make makes made making take takes taken get gets got give gives given go goes went come comes came know
    knows known think thinks thought say says said see sees seen look looks looking want wants need needs use
    uses used keep keeps try tries find finds found tell tells told ask asks asked feel feels felt begin
    begins start starts happen happens mean means seem seems become becomes turn turns put puts set left right
    two three four five six seven eight nine ten well back far away simply usually already around instead
    ahead enough today whole single real true clear plain easy hard ready sure exactly nearly mostly maybe
    later sooner soon actually simple useful different important
    let's what's someone's talk sits underneath notice loud special sounds fine claimed lack secret missing stays
    open odd saying somebody whatever honest famous fun both observe describe measured heard
    """
)
"""Content words that no picture can show."""

COMMON_OPENERS = word_set(
    """
    compound black white dark deep modern ancient early late daily healthy personal public human social space
    time money history science music art food water fire light sound sleep coffee tea cats dogs birds bees
    trees love fear anger hope habits discipline success failure patience courage photosynthesis gravity
    evolution electricity energy climate weather inflation stocks bonds index budgeting investing saving debt
    five ten three seven facts top life death work memory dreams stars planets oceans volcanoes earthquakes
    dinosaurs whales octopuses sharks rain clouds tides bread cheese chocolate sugar salt honey
    """
)
PROPER_OPENERS = word_set(
    """
    Napoleon Caesar Cleopatra Einstein Newton Darwin Galileo Mozart Beethoven Shakespeare Leonardo
    Michelangelo Rome Paris London Berlin Tokyo Venice Athens Egypt Greece China India Japan Russia France
    Germany Italy Spain Britain England Scotland Ireland Europe Asia Africa America Australia Antarctica Mars
    Venus Jupiter Saturn Mercury Neptune Uranus Pluto Earth Bitcoin Ethereum Google Apple Amazon Tesla Netflix
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August
    September October November December Christmas Easter Ramadan Diwali Buddhism Christianity Islam Hinduism
    Judaism Stoicism Atlantis Pompeii Stonehenge Byzantium Carthage Sparta Troy Babylon Vikings Python Linux
    English Latin Mandarin Canada Mexico Brazil Argentina Peru Kenya Nigeria Turkey Iran Iraq Israel Ukraine
    Poland Sweden Norway Denmark Finland Iceland
    """
)
PREDICATE_OPENERS = word_set(
    """
    so such very too not still a an the in on at from for to made called known used good bad important
    dangerous blue red green black white cold hot round salty wet big small rare expensive cheap hard easy
    healthy safe famous true real alive dead better worse worth more less always never sticky sweet bitter
    bright dark old young fast slow special different popular able afraid like
    """
)
_PASTS = {
    "fall": "fell",
    "begin": "began",
    "rise": "rose",
    "become": "became",
    "win": "won",
    "lose": "lost",
    "build": "built",
    "go": "went",
    "make": "made",
    "take": "took",
    "come": "came",
    "get": "got",
    "find": "found",
    "write": "wrote",
    "die": "died",
    "think": "thought",
    "fight": "fought",
    "break": "broke",
    "spread": "spread",
    "leave": "left",
    "fly": "flew",
    "sink": "sank",
    "grow": "grew",
    "have": "had",
    "do": "did",
    "say": "said",
    "see": "saw",
    "give": "gave",
    "know": "knew",
    "start": "started",
    "mean": "meant",
    "buy": "bought",
    "sell": "sold",
    "speak": "spoke",
    "choose": "chose",
    "keep": "kept",
    "sleep": "slept",
    "feel": "felt",
    "eat": "ate",
    "drink": "drank",
    "cost": "cost",
    "cut": "cut",
    "hit": "hit",
    "put": "put",
    "lead": "led",
    "run": "ran",
    "sing": "sang",
    "swim": "swam",
    "spend": "spent",
    "send": "sent",
    "teach": "taught",
    "catch": "caught",
}
BASE_VERBS = frozenset(_PASTS) | word_set(
    """
    purr look work happen matter taste sound cause need live love hate learn help change move form turn shine
    glow burn float freeze boil melt sting smell want believe exist end stop spin orbit expand erupt evolve
    sail travel invade surrender invent discover disappear vanish collapse hurt heal age yawn laugh cry dream
    remember forget bark meow hunt hibernate migrate pay save invest crash increase decrease affect influence
    create destroy protect store produce absorb reflect cool heat trade trust fail succeed improve replace
    survive act behave differ vary depend require use call seem appear contain attract repel count measure
    explain follow reach stay stand sit carry pull push bounce ferment digest breathe beat pump fix conquer
    unite
    """
)


def third_person(verb: str) -> str:
    """Return the -s form of a base verb: "look" looks, "fly" flies, "have" has."""
    if verb.lower() == "have":
        return "has"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def past_form(verb: str) -> str:
    """Return the past of a base verb: "fall" fell, "invent" invented, "stop" stopped."""
    if verb in _PASTS:
        return _PASTS[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if verb in {"stop", "spin", "pop"} else verb + "ed"
