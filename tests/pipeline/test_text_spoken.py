"""What is said for what is shown."""

import pytest

from apps.pipeline.text.narration import read_paragraphs


def _say(text, language="en"):
    (tokens,) = read_paragraphs(text, language)
    assert "".join(token.display + token.after for token in tokens) == " ".join(text.split())
    return "".join(token.spoken + token.after for token in tokens)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("In 1998,", "In nineteen ninety-eight."),
        ("On 2024-05-06.", "On May sixth twenty twenty-four."),
        ("On 12/25/2023.", "On December twenty-fifth twenty twenty-three."),
        ("On 25/12/2023.", "On December twenty-fifth twenty twenty-three."),
        ("since 2024.", "since twenty twenty-four."),
        ("in 1905.", "in nineteen oh five."),
        ("in 1900 and 2000.", "in nineteen hundred and two thousand."),
        ("1,500 people.", "one thousand five hundred people."),
        ("1200 metres.", "one thousand two hundred metres."),
        ("It was 3.14.", "It was three point one four."),
        ("It was -5.", "It was minus five."),
        ("Agent 007.", "Agent zero zero seven."),
        ("$3.5m or £20.", "three point five million dollars or twenty pounds."),
        ("€1,200.50.", "one thousand two hundred euros and fifty cents."),
        ("$5 million, £3bn, $1, $0.99.", "five million dollars, three billion pounds, one dollar, ninety-nine cents."),
        ("$10-$20 or -$5.", "ten to twenty dollars or minus five dollars."),
        ("12.5% and 10–20%.", "twelve point five percent and ten to twenty percent."),
        ("12 %.", "twelve percent."),
        ("100 km/h at -5°C.", "one hundred kilometres per hour at minus five degrees Celsius."),
        ("1 km, 5 kg and 20 °C.", "one kilometre, five kilograms and twenty degrees Celsius."),
        ("5 lbs. and 6 ft. tall.", "five pounds and six feet tall."),
        ("At 3:30 pm or 9 a.m.", "At three thirty P M or nine ay M."),
        ("5pm, 10:00, 15:45.", "five P M, ten o'clock, fifteen forty-five."),
        ("1/2, 3/4, 1½.", "one half, three quarters, one and a half."),
        ("1914-1918 and 1939–45.", "nineteen fourteen to nineteen eighteen and nineteen thirty-nine to forty-five."),
        ("6-8 hours.", "six to eight hours."),
        ("Call 555-1234.", "Call five five five, one two three four."),
        ("the 21st century, 2nd.", "the twenty-first century, second."),
        ("the 1990s, the '80s.", "the nineteen nineties, the eighties."),
        ("Dr. Smith vs. Mrs. Lee.", "Doctor Smith versus Missus Lee."),
        ("e.g. this, i.e. that, etc.", "for example this, that is that, et cetera."),
        ("St. Paul on Main St. at night.", "Saint Paul on Main Street at night."),
        ("No. 5 is #1.", "number five is number one."),
        ("The U.S. Army.", "The US Army."),
        ("NASA and the FBI.", "NASA and the FBI."),
        ("CO2 and IQ.", "C O two and I Q."),
        ("Louis XIV and Elizabeth I.", "Louis the fourteenth and Elizabeth the first."),
        ("World War II, Chapter IV.", "World War two, Chapter four."),
        ("I think so.", "I think so."),
        ("AT&T, rock & roll.", "AT and T, rock and roll."),
        ("2 + 2 = 4.", "two plus two equals four."),
        ("#cats by @nasa.", "hashtag cats by at nasa."),
        ("10-year-old, 19th-century.", "ten-year-old, nineteenth-century."),
        ("and/or, he/she.", "and or, he or she."),
        ("on example.com.", "on example dot com."),
        ("version 1.2.3.", "version 1 point 2 point 3."),
        ("“In 1999,” she said (3,000 of them).", "“In nineteen ninety-nine,” she said (three thousand of them)."),
        ("In Jan. 2020.", "In January twenty twenty."),
        ("24/7.", "twenty-four seven."),
        ("A plain list item", "A plain list item."),
        ("In the 500s, 100s of people fled.", "In the five hundreds, hundreds of people fled."),
        ("1000s came in their 20s.", "thousands came in their twenties."),
        ("In the 110s, 1066 AD.", "In the one tens, ten sixty-six AD."),
        ("B-52s, 747s, F-16s.", "B-fifty-twos, seven forty-sevens, F-sixteens."),
        ("It took 2.5s or 30 s.", "It took two point five seconds or thirty seconds."),
        ("A Boeing 737-800.", "A Boeing seven thirty-seven eight hundred."),
        ("Two 747-8s.", "Two seven forty-seven eights."),
        ("An Airbus 320-200.", "An Airbus three twenty two hundred."),
        ("They lose 2-3. It led 4-5 at noon.", "They lose two-three. It led four-five at noon."),
        ("They lost 2-3 games.", "They lost two to three games."),
        ("In 1066, the 1060s.", "In ten sixty-six, the ten sixties."),
        ("1066-1087 and 1024 bits.", "ten sixty-six to ten eighty-seven and one thousand and twenty-four bits."),
    ],
)  # fmt: skip
def test_english_is_said_as_a_reader_would(shown, said):
    assert _say(shown) == said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Thank you, Peter, I agree.", "Thank you, Peter, I agree."),
        ("He told Mary I was leaving.", "He told Mary I was leaving."),
        ("I told James I had won.", "I told James I had won."),
        ("Before the War I was poor.", "Before the War I was poor."),
        ("Malcolm X spoke.", "Malcolm X spoke."),
        ("The IV drip, an XX pair, Team V.", "The I V drip, an X X pair, Team V."),
        ("Type I, II and III, Parts I-III.", "Type one, two and three, Parts one to three."),
        ("Said Henry, V for victory.", "Said Henry, V for victory."),
        ("Queen Elizabeth I was tall.", "Queen Elizabeth the first was tall."),
        ("Elizabeth I of England.", "Elizabeth the first of England."),
        ("Peter I, a tsar.", "Peter the first, a tsar."),
        ("Elizabeth I’s reign, Henry VIII's wives.", "Elizabeth the first’s reign, Henry the eighth's wives."),
        ("King Malcolm III and King Zog I.", "King Malcolm the third and King Zog the first."),
        ("World War I began.", "World War one began."),
        ("Part I, Act V, a type II error.", "Part one, Act five, a type two error."),
        ("Super Bowl XX, Saturn V, Final Fantasy VII.", "Super Bowl twenty, Saturn five, Final Fantasy seven."),
    ],
)  # fmt: skip
def test_roman_numerals_are_told_from_the_pronoun_and_from_letters(shown, said):
    assert _say(shown) == said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Just one more rep. Then rest.", "Just one more rep. Then rest."),
        ("The engine will rev. Listen.", "The engine will rev. Listen."),
        ("Meet my brother Ed.", "Meet my brother Ed."),
        ("Thanks, hon. Good night.", "Thanks, hon. Good night."),
        ("Rep. Smith met Gen. Lee.", "Representative Smith met General Lee."),
        ("Lt. Col. Ray came.", "Lieutenant Colonel Ray came."),
        ("He lives on Main St. The rest left.", "He lives on Main Street. The rest left."),
        ("St. Paul climbed Mt. Etna.", "Saint Paul climbed Mount Etna."),
    ],
)  # fmt: skip
def test_abbreviated_ranks_stand_before_a_name(shown, said):
    assert _say(shown) == said


@pytest.mark.parametrize(
    ("language", "shown", "said"),
    [
        ("fr", "Il a 21 ans.", "Il a vingt et un ans."),
        ("de-DE", "Es sind 42.", "Es sind zweiundvierzig."),
        ("es", "Son 3,5 y 20%.", "Son 3,5 y 20%."),
        ("zh", "我有两只猫。", "我有两只猫。"),
        ("xx", "foo 12.", "foo 12."),
    ],
)
def test_other_languages_get_plain_numbers_where_known(language, shown, said):
    assert _say(shown, language) == said


def test_a_number_of_thousands_of_digits_is_said_digit_by_digit():
    assert _say("9" * 5_000).count("nine") == 5_000
