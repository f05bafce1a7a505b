"""The skills that are known by name: how many, of how many professions, and that none stands there twice."""

from collections import Counter

from app.engines.vocabulary import Name, Skill, skills
from tests.engines.vocabulary.likeness import alike, normal, stems

# A letter apart or the same words turned round, and two things: looked at by a person one by one.
TWO_THINGS = {
    ("Account management", "Management accounting"), ("Assembly", "assembler"), ("CPCS card", "CSCS card"),
    ("Class B licence", "Class C licence"), ("Class B licence", "Class D licence"), ("Class C licence", "Class D licence"),
    ("DNA extraction", "RNA extraction"), ("E-invoicing", "Invoicing"), ("E-procurement", "Procurement"), ("E-way bills", "Waybills"),
    ("Führerschein Klasse B", "Führerschein Klasse C"), ("Führerschein Klasse B", "Führerschein Klasse D"),
    ("Führerschein Klasse C", "Führerschein Klasse D"), ("GMC registration", "NMC registration"), ("HMV licence", "LMV licence"),
    ("InDesign", "UI design"), ("Inventor", "Inventur"), ("Kassenführung", "Klassenführung"), ("MAG welding", "MMA welding"),
    ("MIG welding", "TIG welding"), ("Orthoptics", "Orthotics"), ("Reanimation", "réanimation"), ("Stability testing", "usability testing"),
    ("UI design", "UX design"), ("Ward management", "Yard management"), ("carnet de conducir", "carnet de conducir B"),
    ("ganadería", "panadería"), ("neumología", "neurología"), ("permis B", "permis C"), ("permis B", "permis D"), ("permis C", "permis D"),
    ("soldadura MIG", "soldadura TIG"), ("soudage MIG", "soudage TIG"), ("tipografía", "topografía"), ("topographie", "typographie"),
}  # fmt: skip


def named(*names):
    return Skill("any", tuple(Name(name, cased=False, ambiguous=False) for name in names))


def test_vocabulary_is_as_large_as_promised():
    families = Counter(skill.family for skill in skills().skills)
    assert families.total() >= 3000
    assert len(families) >= 36
    assert min(families.values()) >= 20


def test_no_two_skills_have_names_that_look_like_one():
    assert alike(skills().skills) == TWO_THINGS


def test_every_name_leads_to_its_own_skill_alone():
    vocabulary = skills()
    names = [(name.text, skill.name) for skill in vocabulary.skills for name in skill.names]
    assert [name for name, skill in names if vocabulary.named(name) != skill] == []
    assert len({text for text, _skill in names}) == len(names)


def test_every_name_is_found_in_a_text():
    vocabulary = skills()
    names = [(name.text, skill.name, name.ambiguous) for skill in vocabulary.skills for name in skill.names]
    for some in (names[i : i + 500] for i in range(0, len(names), 500)):
        found = vocabulary.find("\n.\n".join(text for text, _skill, _ambiguous in some))
        assert [(one.written, one.name, one.ambiguous) for one in found] == some


def test_names_are_written_as_people_write_them():
    texts = [name.text for skill in skills().skills for name in skill.names]
    assert [text for text in texts if text != " ".join(text.split()) or len(text) > 60 or set(text) & set(';\t"')] == []


def test_names_are_not_in_english_alone():
    """By their letters: Devanagari, and what German, French and Spanish have beyond English."""
    of_letters = Counter(
        kind
        for skill in skills().skills
        for kind, letters in {"hi": "ािीुेो्", "de": "äöüß", "fr": "èêçàœ", "es": "óíñ"}.items()
        if any(letter in name.text for name in skill.names for letter in letters)
    )
    assert of_letters["hi"] >= 200
    assert min(of_letters.values()) >= 100


def test_likeness_sees_one_skill_written_twice():
    twice = [
        ("Cell culture", "Cell cultures"), ("Organisation", "organization"), ("Stock control", "control of stock"), ("Paediatrics", "pediatrics"),
        ("E-mail marketing", "Email marketing"), ("Labour law", "labor law"), ("Teamwork", "team work"), ("Lesson planning", "lesson plans"),
        ("Moulding", "molding"), ("Façade", "Facade"),
    ]  # fmt: skip
    for one, other in twice:
        assert alike([named(one), named(other)]) == {tuple(sorted((one, other)))}
    assert alike([named("Wound care"), named("Stoma care")]) == set()
    assert alike([named("C"), named("C++"), named("C#")]) == set()
    assert normal("Façade-Painting ") == "facade painting"
    assert stems("planning of lessons") == stems("Lesson plans")
