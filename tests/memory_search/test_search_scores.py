"""BM25, z-scores and word vectors by themselves."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from storage.search import embedding
from storage.search.bm25 import Corpus, rarity
from storage.search.embedding import NoWordVectors, WordVectors, installed_word_vectors
from storage.search.fusion import z_scores

DOCUMENTS = ["a b b c", "b c", "c c c d e f", ""]


def corpus_of(*texts: str) -> Corpus:
    corpus = Corpus(saturation=1.2, length_share=0.75)
    for number, text in enumerate(texts):
        corpus.open(number)
        corpus.add(number, Counter(text.split()))
    return corpus


def test_scores_are_those_of_the_formula() -> None:
    scores = corpus_of(*DOCUMENTS).scores(["b", "c", "unknown"], len(DOCUMENTS))
    mean = sum(len(text.split()) for text in DOCUMENTS) / len(DOCUMENTS)
    for text, score in zip(DOCUMENTS, scores, strict=True):
        expected = 0.0
        for term in "bc":
            holding = sum(term in other.split() for other in DOCUMENTS)
            times = text.split().count(term)
            idf = math.log(1 + (len(DOCUMENTS) - holding + 0.5) / (holding + 0.5))
            expected += idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(text.split()) / mean))
        assert score == pytest.approx(expected)


def test_a_document_taken_out_leaves_no_trace() -> None:
    corpus = corpus_of(*DOCUMENTS, "b z z")
    corpus.take(4, Counter(["b", "z", "z"]))
    corpus.close(4)
    assert corpus.matches("z") is None and len(corpus) == 4
    assert corpus.scores("bc", 4).tolist() == corpus_of(*DOCUMENTS).scores("bc", 4).tolist()


def test_rarity_is_never_negative() -> None:
    assert rarity(5, 5) > 0
    assert rarity(100, 1) > rarity(100, 50) > rarity(100, 100)


def test_z_scores_say_nothing_where_all_are_alike_or_unknown() -> None:
    known = np.array([True, True, False])
    assert z_scores(np.array([1.0, 3.0, 99.0]), known).tolist() == [-1, 1, 0]
    assert z_scores(np.array([2.0, 2.0, 9.0]), known).tolist() == [0, 0, 0]
    assert z_scores(np.array([1.0, 2.0, 3.0]), np.zeros(3, np.bool_)).tolist() == [0, 0, 0]


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    return installed_word_vectors()


def test_words_of_one_meaning_point_one_way(vectors: WordVectors) -> None:
    dog, puppy, bank = vectors.embed_all(["my dog", "the puppies", "a bank account"])
    assert dog @ puppy > 0.4 > dog @ bank


def test_vectors_have_length_one_and_are_zero_without_a_telling_word(vectors: WordVectors) -> None:
    lengths = np.linalg.norm(vectors.embed_all(["Größe 東京", "x" * 400, "", "the of", "🦜"]), axis=1)
    assert lengths.tolist() == pytest.approx([1, 1, 0, 0, 0], abs=1e-6)
    assert vectors.embed_all([]).shape == (0, vectors.dimensions)


def test_a_text_has_one_vector_alone_and_among_others(vectors: WordVectors) -> None:
    among = vectors.embed_all(["a walk in the park", "dogs", "a much longer text about boats and harbours"])
    assert vectors.embed("dogs").tolist() == among[1].tolist()


def test_missing_word_vectors_are_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Elsewhere:
        submodule_search_locations = (str(tmp_path),)

    for found in (None, Elsewhere):
        monkeypatch.setattr(embedding, "find_spec", Mock(return_value=found))
        with pytest.raises(NoWordVectors, match="Install wordllama"):
            installed_word_vectors()
