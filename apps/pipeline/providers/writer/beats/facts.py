"""Hook, surprise, sorting, a closer look, what to keep."""

from apps.pipeline.providers.writer.beats.base import Beat

FACTS = (
    Beat(
        (
            (
                "How much do you really know about {t}? Here is a quick tour, not of the facts themselves, but of how"
                " to find the good ones."
            ),
            "Facts about {t} are easy to find. True ones take a little more care. Here is how to go looking for them.",
            (
                "Let's go fact hunting. The subject is {t}, and the rule is simple: nothing counts until you know "
                "where it came from."
            ),
        ),
        (
            "Write down three things you already believe. At the end you can see which of them survived.",
            "The best facts have two qualities. They surprise you at first, and afterwards they make sense.",
            "A number on its own is not yet a fact. You still need to know who counted, and when.",
        ),
    ),
    Beat(
        (
            "First, look for the surprise. Which claim made you raise an eyebrow? That is the one to check first.",
            (
                "Begin with what surprises you. Surprise is a signal that your picture of the world and the claim do "
                "not agree."
            ),
        ),
        (
            (
                "Be careful with the biggest, the oldest, and the first. Records are often repeated long after they "
                "were broken."
            ),
            "If a story is a little too neat, ask what was left out to make it so.",
            "A fact that everyone repeats may still have only one source. Follow it back as far as you can.",
            "Ask how anyone could know. If there is no possible answer, enjoy it as a story.",
        ),
    ),
    Beat(
        (
            (
                "Then sort what you find. Put measured things on one side, opinions on the other, and legends in a "
                "box of their own."
            ),
            "Next, sort the pile. Some facts are counted, some are observed, and some are only handed down.",
        ),
        (
            "Look at the date. A fact can be perfectly true for its year and quite wrong for this one.",
            (
                "Look at the scale. Compare each number with something you know well, such as a room, a day, or a "
                "walk to the shop."
            ),
            (
                "Look at the average and then at the range. The middle tells you what is usual, and the edges tell "
                "you what is possible."
            ),
            "Keep the odd ones that you cannot place. They often turn out to be the start of something better.",
        ),
    ),
    Beat(
        (
            (
                "After that, take one fact and go deeper. Ask what caused it, what follows from it, and what would "
                "make it false."
            ),
            (
                "Now choose a single fact and stay with it. One that you understand is worth a dozen that you can "
                "only recite."
            ),
        ),
        (
            "Turn it into a question for somebody else. If they guess wrong, you have found a good one.",
            "Search for the same claim with the word myth behind it. You will learn something either way.",
            "Look for a picture or a recording of it. Seeing a thing makes it harder to exaggerate.",
            "Ask an expert what people usually get wrong here. It is a question they love to answer.",
        ),
    ),
    Beat(
        (
            "So what should you keep? One surprise, one number with its source, and one open question about {t}.",
            "That is the whole method: be surprised, sort, dig, and keep your sources. Now the hunt is yours.",
        ),
        ("Share the fact that you checked, and say how you checked it. That makes it twice as good.",),
    ),
)
