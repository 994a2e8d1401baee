"""Hook, struggle, principle, practice, close."""

from apps.pipeline.providers.writer.beats.base import Beat

MOTIVATION = (
    Beat(
        (
            "Think about {t}. Not as a slogan on a poster, but as something you could act on before today is over.",
            "Let's talk about {t}. You have probably thought about it before, and then the day got in the way.",
            (
                "Here is an honest guide to thinking about {t}. No magic, no shouting, just a few questions that are "
                "worth your time."
            ),
        ),
        (
            "Nobody is watching you listen to this. That is good news, because it means you can answer honestly.",
            "You do not need a new life to begin. You need a quiet minute and one decision that you can keep.",
            "If part of you is already arguing, listen to it. It usually knows exactly where the difficulty lies.",
        ),
    ),
    Beat(
        (
            (
                "Start with what makes it hard. Most of the time it is not a lack of will. It is a bad hour, a tired "
                "body, or a goal with no first step."
            ),
            (
                "First, the struggle. Name the moment when you usually stop, because that moment is where the real "
                "work begins."
            ),
        ),
        (
            (
                "Some days the obstacle is fear. Some days it is only the couch. It helps to know which one you are "
                "facing."
            ),
            (
                "Look back at the last time you gave up. What happened in the hour before? The answer is often "
                "smaller than you expect."
            ),
            (
                "Being stuck is not a verdict on your character. It is a place on the map, and maps show more than "
                "one road."
            ),
            "Comparing yourself with a stranger's best day will not help. Compare this week with your own last week.",
        ),
    ),
    Beat(
        (
            (
                "Now look for the principle underneath. What would still hold on your worst day? Build on that, and "
                "leave the rest."
            ),
            "Underneath every good intention sits one plain principle: what you repeat is what you become good at.",
        ),
        (
            "Motivation comes and goes like weather. A routine is a roof. You are glad of it when the weather turns.",
            (
                "Small and certain beats large and someday. A promise you can keep in five minutes is stronger than "
                "one you can never begin."
            ),
            "Ask what you would tell a friend in your place. Then try speaking to yourself in the same voice.",
            "Progress is quiet while it is happening. It tends to become visible only when you turn around.",
        ),
    ),
    Beat(
        (
            (
                "So here is the practice. Choose one action, small enough that you cannot refuse it, and give it a "
                "fixed hour."
            ),
            "Then comes practice. Write down one step, where you will take it, and what you will do right before it.",
        ),
        (
            (
                "Make the right thing easy to reach. Put the shoes by the door, the book on the pillow, the phone in "
                "another room."
            ),
            (
                "Keep a simple record. One mark on paper for each day you showed up is enough, and the row of marks "
                "will pull you along."
            ),
            (
                "When you miss a day, do not pay it back. Just return to the plan the next morning, as if nothing had"
                " been broken."
            ),
            "Tell one person what you intend. A promise made aloud is a little harder to put down.",
            (
                "After a week, look at what worked and change one thing. Only one, so that you can tell what made the"
                " difference."
            ),
        ),
    ),
    Beat(
        (
            (
                "Come back to this {k} tonight, and ask what today's step was. If there was one, that is enough. "
                "Begin again tomorrow."
            ),
            "You will not feel ready. Take the step anyway, make it a small one, and let tomorrow's step follow it.",
            (
                "Nothing here was secret. The only part that was missing is the part that you do next. So choose it, "
                "and start."
            ),
        ),
        ("Be patient with the results, and strict about the beginning. Everything else can be learned on the way.",),
    ),
)
