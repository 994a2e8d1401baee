"""Scene, before, turning point, people, legacy."""

from apps.pipeline.providers.writer.beats.base import Beat

HISTORY = (
    Beat(
        (
            (
                "Every story from the past begins in the middle of someone's ordinary day. Keep that in mind as you "
                "think about {t}."
            ),
            "Let's go back. The subject is {t}, and this is a guide to reading the past with open eyes.",
            (
                "What do we really know about {t}, and how do we know it? Those are two different questions, and both"
                " are worth asking."
            ),
        ),
        (
            "The people in the story did not know how it would end. To understand them, try to forget that you do.",
            "Picture the place first. The light, the noise, the smell of it. Dates come later.",
            "Whatever has survived, a letter, a coin, a wall, survived by luck as much as by importance.",
        ),
    ),
    Beat(
        (
            "Start before the beginning. What did people take for granted, and what were they already worried about?",
            "First, set the stage. Ask what was normal at the time, because only then can you see what was new.",
        ),
        (
            (
                "Look at a map from the period if you can find one. Borders, rivers, and roads explain more than "
                "speeches do."
            ),
            (
                "Follow the money, the food, and the weather. They rarely get the headlines, and they rarely stay out"
                " of the story."
            ),
            "Ask who could read and write. The rest of the people left their mark in other ways.",
            "Notice what had been tried already. Turning points often have a long row of failures behind them.",
        ),
    ),
    Beat(
        (
            (
                "Then look for the turning point. Which decision, which accident, or which invention could have gone "
                "the other way?"
            ),
            (
                "Now find the moment when things changed. It may be a single day, or it may be a slow slope that "
                "nobody noticed."
            ),
        ),
        (
            (
                "Separate the spark from the fuel. A spark gets the credit, but it only matters where something is "
                "ready to burn."
            ),
            (
                "Put the events in order on a single line. Causes must come before effects, and you would be "
                "surprised how often they are told the other way."
            ),
            "Ask what the alternatives were. If there were none, it was not really a decision.",
            "Be suspicious of stories with one hero or one villain. Most changes had many hands on them.",
        ),
    ),
    Beat(
        (
            "Next, listen to the witnesses. Who wrote this down, how soon afterwards, and for which reader?",
            (
                "Now turn to the people. Some gained, some lost, and some only watched. Each of them would tell it "
                "differently."
            ),
        ),
        (
            "Read at least one voice from the losing side. It will not be neutral either, but it will be different.",
            "A document tells you what someone wanted others to believe. Sometimes that is even better than the truth.",
            "Look for the people who are missing from the record, and ask why nobody wrote their names.",
            "When two accounts disagree, do not average them. Ask what each writer could actually have seen.",
        ),
    ),
    Beat(
        (
            (
                "And what remains? Look for the traces of this {k} in laws, in habits, in the names of streets. The "
                "past is seldom as far away as it seems."
            ),
            (
                "In the end, ask what has lasted. Thinking about {t} is also a way of asking how our own day will be "
                "remembered."
            ),
            "So look twice, ask who is speaking, and let the past surprise you.",
        ),
        ("History does not repeat itself neatly, but it does reward people who ask good questions of it.",),
    ),
)
