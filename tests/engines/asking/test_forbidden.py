"""What must not be asked is found in eight languages; its innocent neighbours pass."""

import time
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from app.engines.asking import bank
from app.engines.asking.forbidden import Forbidden, forbidden
from app.ports.analysis import Topic

WORDS = tomllib.loads(Path(__file__).with_name("forbidden.toml").read_text("utf-8"))
OURS = tomllib.loads((Path(bank.__file__).parents[1] / "forbidden.toml").read_text("utf-8"))
ASKED = [
    (language, topic, text) for language, table in WORDS.items() for topic, texts in table.items() for text in texts
]


@pytest.mark.parametrize("language", WORDS)
def test_every_topic_is_caught_and_named(language):
    asked = [(topic, text) for where, topic, text in ASKED if where == language and topic != "innocent"]
    found = [(forbidden(text).topic if forbidden(text) else None, text) for _topic, text in asked]
    assert found == asked
    assert len(asked) >= 15
    assert {topic for topic, _text in asked} == set(get_args(Topic))


@pytest.mark.parametrize("language", WORDS)
def test_innocent_neighbours_pass(language):
    innocent = WORDS[language]["innocent"]
    assert [(text, forbidden(text)) for text in innocent if forbidden(text)] == []
    assert len(innocent) >= 15


def test_the_list_has_every_topic_in_every_language():
    topics = {language: set(table) - {"you", "your"} for language, table in OURS.items()}
    assert set(topics) == {"en", "de", "fr", "es", "hi", "mr", "ta", "bn"}
    assert [language for language in topics if topics[language] != set(get_args(Topic))] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Before we begin: HOW  OLD\nare you??", "how old are you"),
        ("How old. Are you sure of the pipe?", None),
        ("Thank you. One more thing: how old are you?", "how old are you"),
        ("What\u2019s your AGE?", "your age"),
        ("Quel a\u0302ge avez-vous\u00a0?", "quel age avez"),
        ("आप शादीशुदा हैं या नहीं", "आप शादीशुदा"),
        ("आपका मज़हब क्या है?", "आपका मजहब"),
    ],
)
def test_it_says_by_which_words_it_knew(text, words):
    found = forbidden(text)
    assert (found.words if found else None) == words


@pytest.mark.parametrize("text", ["", "   ", "?", "…", "12", "\u200d", "😀"])
def test_nothing_said_is_nothing_forbidden(text):
    assert forbidden(text) is None


def test_a_long_text_takes_no_longer_than_its_length():
    text = "you your are have do how what " * 3000 + "how old are you"
    started = time.perf_counter()
    assert forbidden(text) == Forbidden("age", "how old are you")
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("stock", [bank.english(), bank.hindi()], ids=["en", "hi"])
def test_bank_asks_nothing_that_must_not_be_asked(stock):
    assert [(q.text, forbidden(q.text)) for q in stock.questions if forbidden(q.text)] == []


# Written by hand after the list was, to see what it misses: 49 of 69 were caught then (71 %), all are now.
LATER = {
    "en": ["What's your age?", "You must be close to retirement, aren't you?", "Got any kids at home?", "Is anyone at home depending on you?",
           "Who will take care of your kids during night shifts?", "Are you living with somebody?", "Do you plan on having babies?", "Will you be needing maternity leave soon?",
           "Any illnesses I should be aware of?", "How many days were you off sick in 2025?", "Do you suffer from depression?", "Which god do you believe in?",
           "Do you need special arrangements because of a handicap?", "Do you observe Ramadan?", "Is English your first language?", "What country are you from originally?",
           "What do you make at your present employer?", "What were you paid at your last employer?", "Do you have a wife or a girlfriend?", "Which party do you support?",
           "Are you part of a labor union?", "Were you ever in the armed forces?", "Have you ever been convicted of a felony?", "Have you had any trouble with the police?",
           "In which year did you turn eighteen?"],
    "de": ["Welches Alter haben Sie?", "Wie viele Geschwister haben Sie?", "Leben Sie allein?", "Möchten Sie noch Kinder?", "Leiden Sie an Depressionen?",
           "An welchen Gott glauben Sie?", "Aus welchem Land stammen Sie?", "Was verdienen Sie bei Ihrem jetzigen Arbeitgeber?",
           "Wen haben Sie bei der letzten Wahl gewählt?", "Waren Sie schon einmal im Gefängnis?"],
    "hi": ["आपकी आयु कितनी है?", "आपके घर में कितने लोग हैं?", "आप शादी कब करेंगे?", "क्या आप धूम्रपान करते हैं?", "आप कौन से धर्म के हैं?", "आपका गोत्र क्या है?",
           "आपकी सैलरी कितनी थी?", "आपने पिछले चुनाव में किसको वोट दिया?", "क्या आप पर कोई मुकदमा चल रहा है?", "क्या आप जेल गए हैं?"],
    "mr": ["आपले वय किती?", "तुम्हाला मुलं आहेत का?", "तुम्ही लग्न कधी करणार?", "तुम्ही सिगारेट ओढता का?", "तुम्ही कोणत्या देवाची पूजा करता?",
           "तुमचे आडनाव कोणत्या जातीचे आहे?", "तुमचा पगार किती होता?", "तुम्ही कोणत्या पक्षाचे आहात?"],
    "ta": ["உங்களுக்கு என்ன வயது?", "உங்களுக்கு குழந்தைகள் இருக்கிறார்களா?", "நீங்கள் எப்போது திருமணம் செய்வீர்கள்?", "நீங்கள் புகைபிடிக்கிறீர்களா?",
           "நீங்கள் எந்தக் கடவுளை வணங்குகிறீர்கள்?", "உங்கள் ஊதியம் எவ்வளவு?", "நீங்கள் எந்தக் கட்சி?", "நீங்கள் சிறையில் இருந்தீர்களா?"],
    "bn": ["তোমার বয়স কত?", "আপনার ছেলেমেয়ে কয়জন?", "আপনি কবে বিয়ে করবেন?", "আপনি কি ধূমপান করেন?", "আপনি কি নামাজ পড়েন?", "আপনি কোন জাতের?",
           "আপনার মাইনে কত ছিল?", "আপনি কোন দল করেন?"],
}  # fmt: skip


@pytest.mark.parametrize("language", LATER)
def test_what_was_thought_of_later_is_caught_too(language):
    assert [text for text in LATER[language] if forbidden(text) is None] == []
