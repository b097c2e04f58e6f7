"""How the effects that concern models are carried out: SQL for the engine's one committer."""

from __future__ import annotations

from keywords.host import MODEL_PREFERRED, MODEL_RATED, EffectStatement
from storage.sql import queries


def effect_statements() -> tuple[EffectStatement, ...]:
    """The statements of the models' effect kinds."""
    sql = queries("smartrouter")
    return (EffectStatement(MODEL_RATED, sql["model_rated"]), EffectStatement(MODEL_PREFERRED, sql["model_preferred"]))
