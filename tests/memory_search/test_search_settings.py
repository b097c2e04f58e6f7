"""Where vectors are kept, by the settings; and what the doctor says of it."""

from __future__ import annotations

import pytest

from mcp_server.cli.doctor import Unwell, search
from mcp_server.searching import place
from mcp_server.settings import Settings, SettingsError, read

NOBODY = "http://127.0.0.1:9"


def test_settings_choose_where_vectors_are_kept() -> None:
    assert place(Settings()) == "process"
    assert place(read({"QDRANT_URL": NOBODY})) == "qdrant"
    assert place(read({"BOTMCP_EMBEDDING_MODEL": "m"})) == "postgres"
    assert place(read({"BOTMCP_VECTORS": "Postgres", "QDRANT_URL": NOBODY})) == "postgres"


def test_settings_that_fit_no_search_are_refused() -> None:
    with pytest.raises(SettingsError, match="needs QDRANT_URL"):
        place(read({"BOTMCP_VECTORS": "qdrant"}))
    with pytest.raises(SettingsError, match="set postgres or qdrant"):
        place(read({"BOTMCP_VECTORS": "process", "BOTMCP_EMBEDDING_MODEL": "m"}))
    with pytest.raises(SettingsError, match="process, postgres or qdrant is expected"):
        read({"BOTMCP_VECTORS": "redis"})


async def test_the_doctor_says_what_finds_and_what_does_not_answer() -> None:
    assert await search(Settings()) == "words and word vectors, vectors kept in this process"
    with pytest.raises(Unwell, match=r"Qdrant does not answer.*Until then only words find"):
        await search(read({"QDRANT_URL": NOBODY}))
    with pytest.raises(Unwell, match=r"cannot be used.*Correct BOTMCP_EMBEDDING_URL"):
        await search(read({"BOTMCP_EMBEDDING_MODEL": "m", "BOTMCP_EMBEDDING_URL": NOBODY}))
