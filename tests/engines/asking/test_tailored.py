"""What one person is asked: about lines of their resume, counted; nothing twice, nothing private."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from app.adapters.local.analysis import LocalAnalyst
from app.adapters.local.checking import CheckedAnalyst
from app.adapters.local.reading import LocalReader
from app.cli.questions import words
from app.engines.asking.forbidden import forbidden
from app.engines.asking.passages import missing, passages
from app.engines.asking.tailored import QUESTIONS, REFERRING, referring
from app.engines.embedding import embedder
from app.ports.analysis import ProposedQuestion, ResumeLine
from tests.evals.resumes.rendered import rendered, sources
from tests.sizes import sized

MODELS = Path("var/models")
ANALYST = LocalAnalyst(MODELS)
READER = LocalReader()
AS_OF = date(2026, 11, 22)
NURSE = (
    "Registered Nurse (Stroke Unit)\nLeeds Infirmary\n\nYour tasks\n- Care for acute stroke patients on a 24-bed ward\n"
    "- Hand over to the next shift and lead the team on nights\n\nEssential\n- Wound care and IV cannulation\n- NIHSS scoring\n"
    "- 3 years of experience on an acute ward\n"
)
RESUMES = sources()[: sized(15, 1)]


def read(source):
    data, name = rendered(source)
    document = READER.document(data, name=name)
    return READER.resume(document, as_of=AS_OF), document.text


def proposed(resume, text, posting=NURSE, language="en", **changes):
    analysis = replace(ANALYST.analyse(posting), **changes)
    kit = ANALYST.propose_kit(analysis, posting, language=language)
    return kit, ANALYST.propose_questions(analysis, kit, resume, text)


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("source", RESUMES, ids=lambda source: source.name.split(".")[0])
def test_six_of_ten_questions_and_more_refer_to_a_line_of_the_resume(source, language):
    resume, text = read(source)
    kit, questions = proposed(resume, text, language=language)
    assert 3 <= len(questions) <= QUESTIONS
    assert referring(questions, text) >= REFERRING
    lines = [question.refers_to for question in questions if question.refers_to]
    assert [text.split("\n")[line.number - 1] for line in lines] == [line.text for line in lines]
    assert len(set(lines)) == len(lines)
    assert [question.text for question in questions if forbidden(question.text)] == []
    assert {name for question in questions for name in question.dimensions} <= {one.name for one in kit.dimensions}
    assert [question.text for question in questions if "{" in question.text or not question.shows] == []


def test_no_question_is_asked_twice_by_meaning_nor_again_after_the_kit():
    resume, text = read(sources()[0])
    kit, questions = proposed(resume, text)
    bare = [question.text.split("”", 1)[-1] for question in questions]
    vectors = embedder(MODELS).embed([*bare, *(question.text for question in kit.questions)])
    near = vectors @ vectors.T
    assert [(i, j) for i in range(len(bare)) for j in range(len(vectors)) if i != j and near[i, j] > 0.85] == []


def test_what_the_job_asks_for_and_the_resume_has_not_is_asked_openly():
    resume, text = read(sources()[0])
    assert missing(text, ("NIHSS scoring", "IV cannulation", "Dialysis", "Teamwork", "no such thing")) == ["Dialysis"]
    _kit, questions = proposed(resume, text, must_have=("Dialysis", "NIHSS scoring"))
    unreferenced = [question.text for question in questions if question.refers_to is None]
    assert len(unreferenced) == 1
    assert "asks for Dialysis, of which we found nothing" in unreferenced[0]


def test_a_resume_without_a_line_to_ask_about_gets_no_question_of_its_own():
    _kit, questions = proposed({"work": [], "skills": []}, "Jane Doe\njane@mail.example")
    assert questions == ()
    assert referring((), "Jane Doe") == 0


PRIVATE = [
    "Married, two children", "Maternity leave 2019 to 2021", "Youth leader of the parish of St Mary", "Shop steward of the trade union",
    "National service in the army", "Call me at 07700 900481", "Elternzeit für zwei Kinder", "Wehrdienst bei der Bundeswehr", "Congé parental de deux ans",
    "Militante del sindicato", "मातृत्व अवकाश के बाद वापसी", "Born on 3 May 1980 in Leeds", "Treasurer of the Labour Party branch",
]  # fmt: skip


@pytest.mark.parametrize("line", PRIVATE)
def test_what_is_private_in_a_resume_is_left_alone(line):
    resume = {"work": [{"position": "Nurse", "highlights": [line, "Ran a clinic for wounds with six nurses"]}]}
    text = f"Nurse\n- {line}\n- Ran a clinic for wounds with six nurses"
    assert [passage.quote for passage in passages(resume, text, ())] == [
        "Nurse",
        "Ran a clinic for wounds with six nurses",
    ][::-1]


def test_a_passage_knows_its_line_even_where_it_runs_over_two():
    text = "Work\n* Introduced a screen at the door that cut aspiration\npneumonia from 9 % to 4 %.\nSkills: wound care, IV cannulation"
    resume = {
        "work": [{"highlights": ["Introduced a screen at the door that cut aspiration pneumonia from 9 % to 4 %."]}]
    }
    found = passages(resume, text, ("Wound dressing",))
    assert [(one.what, one.line.number, one.quote, one.skill) for one in found] == [
        ("figure", 2, "Introduced a screen at the door that cut aspiration pneumonia from 9 % to 4 %", ""),
        ("skill", 4, "Skills: wound care, IV cannulation", "Wound dressing"),
    ]


def test_a_reference_counts_only_where_its_line_stands_in_the_resume():
    def asked(line, quote):
        return ProposedQuestion(f"You write “{quote}”. How?", 3, "experience", (), "x", refers_to=line)

    text = "Nurse\n- Ran a clinic"
    right = asked(ResumeLine(2, "- Ran a clinic"), "Ran a clinic")
    assert referring((right,), text) == 1
    assert referring((right, asked(ResumeLine(1, "- Ran a clinic"), "Ran a clinic")), text) == 0.5
    assert referring((asked(ResumeLine(3, "- Ran a clinic"), "Ran a clinic"),), text) == 0
    assert referring((asked(ResumeLine(2, "- Ran a clinic"), "Invented this"),), text) == 0
    assert referring((replace(right, refers_to=None),), text) == 0


class Careless:
    """Proposes what the bank does, and what nobody may ask."""

    engine = "careless/1"

    def __init__(self, text, keep):
        self.text, self.keep = text, keep

    def analyse(self, text):
        return ANALYST.analyse(text)

    def propose_kit(self, analysis, text, *, language="en"):
        kit = ANALYST.propose_kit(analysis, text, language=language)
        return replace(kit, questions=(*kit.questions[: self.keep], replace(kit.questions[0], text=self.text)))

    def propose_questions(self, analysis, kit, resume, text):
        return (replace(kit.questions[0], text=self.text), kit.questions[1])


@pytest.mark.parametrize("keep", [6, 1])
def test_a_question_that_must_not_be_asked_reaches_no_kit_whoever_proposes_it(keep):
    analyst = CheckedAnalyst(Careless("And how old are you, by the way?", keep), ANALYST)
    analysis = ANALYST.analyse(NURSE)
    kit = analyst.propose_kit(analysis, NURSE)
    assert kit == ANALYST.propose_kit(analysis, NURSE)
    assert analyst.propose_questions(analysis, kit, {}, "") == (kit.questions[1],)
    assert analyst.engine == "careless/1"


def test_the_word_of_the_shell_prints_what_is_proposed(tmp_path):
    flask_app = Flask("words")
    flask_app.extensions["settings"] = SimpleNamespace(models_dir=MODELS)
    flask_app.cli.add_command(words)
    posting = tmp_path / "nurse.txt"
    posting.write_text(NURSE, "utf-8")
    resume = sources()[0]
    run = flask_app.test_cli_runner().invoke
    said = json.loads(
        run(
            args=["questions", "propose", "--posting", str(posting), "--resume", str(resume), "--as-of", "2026-11-22"]
        ).stdout
    )
    assert (said["title"], said["language"], said["engine"]) == ("Registered Nurse", "en", "assay-built-in/1")
    lines = resume.read_text("utf-8").split("\n")
    referred = [question["refers_to"] for question in said["questions"] if question["refers_to"]]
    assert said["referring"] == round(len(referred) / len(said["questions"]), 2) >= 0.6
    assert {line["text"] for line in referred} <= {" ".join(line.split()) for line in lines} | set(lines)
    missing_file = json.loads(
        run(args=["questions", "propose", "--posting", str(posting), "--resume", "/nowhere.pdf"]).stdout
    )
    assert missing_file["error"]["code"] == "missing"
    nothing = json.loads(
        run(args=["questions", "propose", "--posting", "/nowhere.txt", "--resume", str(resume)]).stdout
    )
    assert nothing["error"]["code"] == "missing"
