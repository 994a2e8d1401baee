"""Question, terms, trade-offs, arithmetic, next step; with a plain line that this is no advice."""

from apps.pipeline.providers.writer.beats.base import Beat

FINANCE = (
    Beat(
        (
            (
                "Money questions get easier when they are asked slowly. So here is a calm way to think about {t}. It "
                "is a guide, not financial advice."
            ),
            (
                "Let's look at {t} without hurry and without promises. This is general information, not advice about "
                "your own money."
            ),
            (
                "Before you act on anything you hear about {t}, it helps to know which questions to ask. Here they "
                "are. None of this is financial advice."
            ),
        ),
        (
            "If a decision has to be made in the next five minutes, that alone is a reason to wait.",
            (
                "Nobody can tell you what a price will do next. Anyone who sounds certain is selling something, or "
                "guessing."
            ),
            "Good decisions about money tend to look boring from the outside. That is not a flaw.",
        ),
    ),
    Beat(
        (
            (
                "First, get the terms straight. Write down each word that you could not explain to a friend, and look"
                " up only those."
            ),
            (
                "Start with the goal. What is the money for, and when will you need it? Almost every other answer "
                "depends on those two."
            ),
        ),
        (
            "Ask who gets paid, how, and by whom. Fees are quiet, but they arrive every year.",
            "Separate what you own from what you owe, and put both on one page. That page is the beginning of a plan.",
            "Find out how you could get out again, how long it would take, and what it would cost.",
            "Read the part that is printed small. It was written by somebody who knew that it mattered.",
        ),
    ),
    Beat(
        (
            (
                "Now look at the trade. More possible reward usually comes with more risk, so ask what you would lose"
                " if it went wrong, and whether you could bear it."
            ),
            (
                "Every choice about money is a trade: between now and later, between safety and growth, between "
                "simple and clever."
            ),
        ),
        (
            "Imagine a bad year, not just an average one. A plan that only works in good years is a hope.",
            (
                "Ask what would happen if you did nothing. Sometimes nothing is expensive, and sometimes it is the "
                "best offer you have."
            ),
            "Do not put weight on one single thing. If it must go well, it is carrying too much.",
            "Notice your own mood. Greed and fear both speak very clearly, and neither of them is good at arithmetic.",
        ),
    ),
    Beat(
        (
            (
                "Then do the arithmetic yourself. Use small, round numbers, write out each year on a line, and see "
                "what changes the result most."
            ),
            "Next, put your own numbers in. A simple table on paper will teach you more than a confident voice.",
        ),
        (
            "Take away the fees, the taxes, and the rise in prices. What is left is the number that counts.",
            (
                "Change one assumption at a time. If the whole plan tips over, you have found the part that deserves "
                "your attention."
            ),
            (
                "Compare it with the plainest alternative you know. It has to beat that, after costs, to be worth the"
                " trouble."
            ),
            (
                "Write down why you decided as you did. In a year you will want to know whether you were right, or "
                "only lucky."
            ),
        ),
    ),
    Beat(
        (
            (
                "So keep it simple. Know the goal, know the cost, know what could go wrong. And for decisions about "
                "your own money, ask a qualified adviser."
            ),
            (
                "That is a sound way to approach {t}: clear terms, honest numbers, and no hurry. If a lot is at "
                "stake, talk to a qualified adviser first."
            ),
        ),
        ("Sleep on it. A good idea will still be good in the morning.",),
    ),
)
