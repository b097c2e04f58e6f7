"""An embedding model behind an OpenAI-compatible address."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from storage.search.embedding import NoWordVectors
from storage.search.meaning import BATCH, EmbeddingUnavailable, ModelMeaning, word_meaning

Answer = Callable[[httpx.Request], httpx.Response]


def model(answer: Answer, dimensions: int = 2) -> ModelMeaning:
    return ModelMeaning("http://models.test/v1/", "s3cret", "embed-1", dimensions, httpx.MockTransport(answer))


def vectors(request: httpx.Request) -> httpx.Response:
    """Each text's vector is its length and 1; told backwards, as a server may."""
    texts = json.loads(request.content)["input"]
    rows = [{"index": at, "embedding": [len(text), 1]} for at, text in enumerate(texts)]
    return httpx.Response(200, json={"data": rows[::-1], "model": "embed-1"})


async def test_texts_become_vectors_in_their_order() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return vectors(request)

    meaning = model(answer)
    found = await meaning.embed(["four", "", "seventy"])
    assert found.tolist() == [[4, 1], [0, 0], [7, 1]]
    [request] = asked
    assert str(request.url) == "http://models.test/v1/embeddings"
    assert request.headers["Authorization"] == "Bearer s3cret"
    assert json.loads(request.content)["model"] == "embed-1"
    await meaning.close()


async def test_many_texts_are_asked_in_batches() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(len(json.loads(request.content)["input"]))
        return vectors(request)

    meaning = model(answer)
    assert (await meaning.embed(["x"] * (2 * BATCH + 1))).shape == (2 * BATCH + 1, 2)
    assert sizes == [BATCH, BATCH, 1]
    assert (await meaning.embed([])).shape == (0, 2)
    await meaning.close()


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def says(status: int, text: str) -> Answer:
    return lambda request: httpx.Response(status, text=text)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (says(401, "wrong key"), "refused: HTTP 401: wrong key"),
        (says(200, "<html>"), "cannot be used"),
        (says(200, '{"data": []}'), "0 vectors for 1 texts"),
        (says(200, '{"data": [{"index": 0}]}'), "cannot be used: 'embedding'"),
        (says(200, '{"data": [{"index": 0, "embedding": [1, 2, 3]}]}'), "set BOTMCP_EMBEDDING_DIMENSIONS=3"),
        (broken, "cannot be used: refused"),
    ],
)
async def test_a_model_that_does_not_answer_with_vectors_says_why(answer: Answer, said: str) -> None:
    meaning = model(answer)
    with pytest.raises(EmbeddingUnavailable, match=said) as told:
        await meaning.embed(["text"])
    assert "s3cret" not in str(told.value)
    await meaning.close()


async def test_the_word_vectors_come_with_the_product() -> None:
    meaning = word_meaning()
    assert meaning and meaning.local
    near, far = await meaning.embed(["cat"]), await meaning.embed(["bicycle", "kitten"])
    assert far[1] @ near[0] > far[0] @ near[0]


def test_where_there_are_no_word_vectors_only_words_find(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise NoWordVectors("package wordllama")

    monkeypatch.setattr("storage.search.meaning.installed_word_vectors", missing)
    assert word_meaning() is None


async def test_a_word_is_understood_the_same_the_second_time() -> None:
    meaning = word_meaning()
    assert meaning
    first, again = await meaning.embed(["a red cat"]), await meaning.embed(["a red cat", "cat cat"])
    assert np.array_equal(first[0], again[0])
