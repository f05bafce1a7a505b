"""flask answers score: a line out for each line in, whatever the line is."""

import json

import pytest

GOOD = '{"id": "good", "question": "Why?", "answer": "Because it is cold."}'


@pytest.fixture
def score(flask_app, tmp_path):
    def scored(content):
        (tmp_path / "answers.jsonl").write_bytes(content)
        result = flask_app.test_cli_runner().invoke(args=["answers", "score", str(tmp_path / "answers.jsonl")])
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.split("\n") if line]

    return scored


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("not json", "not-json"),
        ("[1]", "not-an-object"),
        ('{"id": 1, "question": "Why?"}', "bad-field"),
        ('{"id": 1, "question": "Why?", "answer": "b", "reference": 3}', "bad-field"),
        (r'{"id": 1, "question": "Why?", "answer": "b \ud800 c"}', "encoding"),
        (r'{"id": "\udfff", "question": "Why?", "answer": "b"}', "encoding"),
        ("[" * 100_000, "not-json"),
        ('{"id": ' + "[" * 985 + "]" * 985 + ', "question": "Why?", "answer": "b"}', "not-json"),
    ],
)
def test_a_bad_line_says_what_is_bad_and_the_next_one_is_scored(score, line, code):
    bad, good = score(f"{line}\n\n{GOOD}\n".encode())

    assert (bad["error"]["code"], "Line 1" in bad["error"]["message"]) == (code, True)
    assert (good["id"], good["engine"].startswith("assay-")) == ("good", True)


def test_a_line_ends_where_json_lines_end(score):
    told = score(b'{"id": 1, "question": "Why?", "answer": "It is\xe2\x80\xa8cold\xc2\x85 there."}\r\n' + GOOD.encode())

    assert [one["id"] for one in told] == [1, "good"]


def test_a_file_that_is_no_text_says_so(score):
    (told,) = score(b"\xff\xfe\x00")

    assert told["error"]["code"] == "encoding"
