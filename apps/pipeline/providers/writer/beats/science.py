"""Wonder, observe, explain, test, what is still open."""

from apps.pipeline.providers.writer.beats.base import Beat

SCIENCE = (
    Beat(
        (
            (
                "Science often begins with somebody saying, that's odd. So let's be curious about {t}, and see how "
                "far good questions can take us."
            ),
            (
                "Let's think like a scientist about {t}. Not by learning a result by heart, but by asking how anyone "
                "could find out."
            ),
            (
                "Suppose that you were the first person ever to wonder {a}. What would you do first? Here is one way "
                "to go about it."
            ),
        ),
        (
            "You need no laboratory for the first step. You need a notebook, and the patience to look twice.",
            "Curiosity likes company. Say the question aloud to someone, and listen to what they ask back.",
            "Not knowing is not a weakness here. It is the place where the work gets done.",
        ),
    ),
    Beat(
        (
            "First, observe. Describe what can be seen, heard, or measured, before you try to explain any of it.",
            "Begin with observation. What happens, when does it happen, and what stays the same each time?",
        ),
        (
            (
                "Measure something, even roughly. A rough number that you took yourself beats a perfect one that you "
                "cannot check."
            ),
            (
                "Change where you stand. From very close and from very far, the same thing can look like two "
                "different things."
            ),
            "Write down what you did not expect. Later, those notes tend to be the useful ones.",
            "Ask what size it is, and how long it takes. Scale rules out more wrong ideas than any argument.",
        ),
    ),
    Beat(
        (
            (
                "Next, suggest an explanation. Make it specific, so that it could turn out to be wrong. An idea that "
                "fits everything explains nothing."
            ),
            "Then form an idea. In fact, form two, so that you do not fall in love with the first one.",
        ),
        (
            "Ask for the mechanism. What pushes, what flows, what stores, and what triggers the change?",
            "Two things that happen together need not cause each other. Look for the third thing behind them both.",
            "The simplest explanation is not always right, but it is the right one to test first.",
            "Borrow an idea from a neighbouring field. Nature uses the same few tricks in many places.",
        ),
    ),
    Beat(
        (
            "Now test it. Decide beforehand what would change your mind, and only then look at the evidence.",
            "After that comes the test. Change one thing, keep the rest the same, and watch what follows.",
        ),
        (
            "One result is a hint. The same result from different people, in different places, is evidence.",
            "Try to prove yourself wrong. It is faster, cheaper, and kinder than waiting for someone else to do it.",
            "Look for the study behind the headline. How many, for how long, and compared with what?",
            "Keep the uncertainty in your answer. Saying how sure you are is part of saying what you know.",
        ),
    ),
    Beat(
        (
            (
                "What stays open is the best part. Every good answer about {t} will leave you with a better question "
                "than you had before."
            ),
            (
                "So observe, explain, test, and stay honest about what is unknown. That is the whole craft, and "
                "anyone can practise it."
            ),
            "That is how to wonder well: look, guess, test, and look again.",
        ),
        ("Somewhere, someone is working on this right now. Looking up who they are makes a fine next step.",),
    ),
)
