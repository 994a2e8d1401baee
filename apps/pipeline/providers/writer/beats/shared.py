"""Two stages that suit every niche, for longer narrations: checking what is claimed, and keeping what was learned."""

from apps.pipeline.providers.writer.beats.base import Beat

CHECKING = Beat(
    (
        "Along the way you will meet confident claims. Here is how to weigh them.",
        "It also pays to know a good source from a loud one.",
    ),
    (
        "Ask where a claim was first made. Repetition travels quickly, and evidence travels at walking pace.",
        "Check the date of what you read, and whether anyone has corrected it since.",
        "Prefer people who show their work. A source that lets you check it has nothing to hide.",
        "Read past the headline. The careful words are usually in the last paragraph.",
        (
            "Ask what the speaker would gain if you believed it. It does not make the claim false, but it tells you "
            "how hard to look."
        ),
        "Be as strict with the claims you like as with the ones you don't.",
        "When you find that you were wrong, say so, and enjoy it. You have just become a little more right.",
        "A library still beats a search box for one thing: someone there has already thrown out the worst of it.",
        "If an answer fits in one sentence, ask what it had to leave behind.",
    ),
)
KEEPING = Beat(
    (
        "Now make sure that it stays with you.",
        "One more thing: learning fades unless you use it.",
    ),
    (
        "Close your eyes and retell the main steps in order. What you cannot retell, you have only recognised.",
        "Teach it to somebody at dinner. Their first question will show you what to read next.",
        "Come back to it after a day, after a week, and after a month. A few minutes each time are enough.",
        (
            "Put it into a single sketch that you could draw on a napkin. The parts you leave out are as telling as "
            "the parts you keep."
        ),
        "Link it to something that you know by heart. New ideas hold best when they are tied to old ones.",
        "Write the question on a card, and the answer on its back. It is an old method because it works.",
        "Choose one thing to do differently, and do it before the week is out.",
        "Leave yourself a question for next time. An open question is the best bookmark there is.",
        "And give it time. Understanding tends to arrive when you have stopped staring at the page.",
    ),
)
