"""The sentence model: built once, whole, from the weights that are pinned."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.engines.embedding import WIDTH, Embedder, embedder
from app.engines.embedding.kept import kept_vectors
from app.engines.embedding.model import DEFAULT_DIR, GRAPH_FILE, WEIGHTS_SHA256, graph_file
from app.kernel.errors import Refused


def test_vectors_have_unit_length_and_order_meaning():
    boiler, heating, song = embedder(DEFAULT_DIR).embed(
        ["I fixed the boiler.", "The heating was repaired.", "She sings a song."]
    )
    assert boiler.shape == (WIDTH,)
    assert np.linalg.norm(boiler) == pytest.approx(1, abs=1e-3)
    assert boiler @ heating > boiler @ song + 0.3


def test_vector_of_a_text_does_not_depend_on_its_batch():
    model = embedder(DEFAULT_DIR)
    alone = model.embed(["A text of its own."])[0]
    among = model.embed(["A text of its own.", "and a longer one beside it that needs more tokens"])[0]
    assert (alone == among).all()


def test_no_text_gives_no_vector():
    assert embedder(DEFAULT_DIR).embed([]).shape == (0, WIDTH)


def test_rare_words_are_told_from_everyday_ones():
    assert embedder(DEFAULT_DIR).rare(["work", "megaohm", "catheter", "house", "12"]) == {"megaohm", "catheter"}


def test_graph_is_built_once_and_left_whole(tmp_path):
    file = graph_file(tmp_path)
    before = file.stat().st_mtime_ns
    assert file.name == GRAPH_FILE
    assert [one.name for one in tmp_path.iterdir()] == [GRAPH_FILE]
    assert graph_file(tmp_path).stat().st_mtime_ns == before


def test_other_weights_are_refused(tmp_path):
    source = tmp_path / "package"
    source.mkdir()
    (source / "model.safetensors").write_bytes(b"other weights")
    (source / "config.json").write_text(json.dumps({}))
    with pytest.raises(Refused) as caught:
        graph_file(tmp_path / "models", source=source)
    assert caught.value.code == "model-changed"
    assert not (tmp_path / "models").exists()


def test_weights_are_pinned_by_their_whole_hash():
    assert len(WEIGHTS_SHA256) == 64
    assert WEIGHTS_SHA256.startswith("53aa51172d142c89")


def test_model_is_loaded_with_telemetry_off():
    embedder(DEFAULT_DIR)
    assert not (Path.home() / ".cache/Microsoft/DeveloperTools/.onnxruntime").exists()


def test_vectors_of_our_own_texts_are_made_once(tmp_path):
    made = []

    def embed(texts):
        made.append(tuple(texts))
        return embedder(DEFAULT_DIR).embed(texts)

    first = kept_vectors(tmp_path, ("one", "two"), embed)
    again = kept_vectors(tmp_path, ("one", "two"), embed)
    assert made == [("one", "two")]
    assert (first == again).all()
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"broken")
    assert (kept_vectors(tmp_path, ("one", "two"), embed) == first).all()
    assert (kept_vectors(tmp_path, ("two", "one"), embed) == first[::-1]).all()
    assert made == [("one", "two"), ("one", "two"), ("two", "one")]


def test_where_nothing_can_be_kept_vectors_are_made_each_time(tmp_path):
    nowhere = tmp_path / "missing"
    assert (kept_vectors(nowhere, ("one",), embedder(DEFAULT_DIR).embed) == embedder(DEFAULT_DIR).embed(["one"])).all()
    assert not nowhere.exists()


def test_a_known_text_has_the_vector_that_it_would_have_had(tmp_path):
    model = Embedder(DEFAULT_DIR)
    model._dir = tmp_path
    before = model.embed(["A question of the bank.", "another"])
    model.know(("A question of the bank.",))
    assert (model.embed(["A question of the bank.", "another"]) == before).all()


def test_a_word_means_what_it_means_where_it_stands():
    def meant(text, word):
        spans, rows = embedder(DEFAULT_DIR).in_context(text)
        (at,) = [place for place, (start, end) in enumerate(spans) if text[start:end] == word]
        return rows[at]

    river, money, loan = (
        meant(text, "bank")
        for text in ("We sat on the bank of the river.", "The bank lent me money.", "I asked my bank for a loan.")
    )
    assert np.linalg.norm(river) == pytest.approx(1, abs=1e-3)
    assert money @ loan > money @ river + 0.05
