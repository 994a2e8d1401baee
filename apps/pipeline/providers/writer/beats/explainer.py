"""Question, why it matters, step by step, an example to try, recap."""

from apps.pipeline.providers.writer.beats.base import Beat

EXPLAINER = (
    Beat(
        (
            (
                "Here is a question that sounds simple: could you explain {t} to a curious child? Most of us get two "
                "sentences in, and stop."
            ),
            (
                "Let's think about {t}. This is a short guide to the question itself: what to ask, what to look for, "
                "and how to tell a good answer."
            ),
            (
                "Have you ever wondered {a}? Wondering is a fine place to start. Here is how to get from there to an "
                "explanation."
            ),
        ),
        (
            "Before you look anything up, guess. A wrong guess gives the right answer something to push against.",
            "Notice what you already believe, and where you heard it. That is your starting line.",
            "A good explanation should leave you less dependent on whoever explained it.",
        ),
    ),
    Beat(
        (
            (
                "Why does it matter? Because a thing you can explain is a thing you can use, and a thing you can use "
                "is hard to forget."
            ),
            (
                "It matters for a plain reason. Once you understand {t}, you may start to see the same pattern in "
                "other places."
            ),
        ),
        (
            "Ask who needs the answer. A doctor, an engineer, and a parent may all want it, but for different reasons.",
            (
                "Ask what would change if the usual answer were wrong. If nothing would change, you may be asking the"
                " wrong question."
            ),
            (
                "Some questions are famous because they are deep, and some because they are fun. It is fine to enjoy "
                "both kinds."
            ),
        ),
    ),
    Beat(
        (
            (
                "Take it step by step. First, say exactly what is being claimed. Then ask what has to be true for "
                "that to happen."
            ),
            (
                "Now look at it slowly. Split the {k} into parts: what goes in, what comes out, and what happens in "
                "between."
            ),
        ),
        (
            (
                "Separate the how from the why. One is about the mechanism, the other is about the purpose, and they "
                "need different evidence."
            ),
            (
                "Look for the middle of the story. Causes and effects get all the attention, but the link between "
                "them does the work."
            ),
            (
                "Draw it. If you cannot decide where an arrow should point, you have just found what you do not "
                "understand yet."
            ),
            "Watch for words that only rename the puzzle. A label is not an explanation, however scientific it sounds.",
            "Ask what happens at the extremes. Much more of it, or none at all: what would you expect to see?",
        ),
    ),
    Beat(
        (
            (
                "Here is something to try. Explain your best answer out loud, in one minute, without any special "
                "words. Notice where you slow down."
            ),
            (
                "Try an example of your own. Pick one case that you can see or touch, and follow it from the "
                "beginning to the end."
            ),
        ),
        (
            "Then look for a case that does not fit. Exceptions are not a nuisance. They show you where the edges are.",
            (
                "Compare it with something familiar, and then ask where the comparison breaks. Every comparison "
                "breaks somewhere."
            ),
            (
                "Find two sources that disagree. The point where they part is usually the most interesting part of "
                "the story."
            ),
            (
                "Make a small prediction and check it this week. Being wrong in a useful way is the fastest lesson "
                "there is."
            ),
        ),
    ),
    Beat(
        (
            (
                "To sum up: say what you mean, split it into parts, follow one example, and look for the case that "
                "does not fit. That is how to approach {t}."
            ),
            (
                "So, a short recap. Guess first. Follow the steps. Test them on one real case. Then say it again, in "
                "your own words."
            ),
        ),
        ("And keep the original question close. A good answer should make it sound more interesting, not less.",),
    ),
)
