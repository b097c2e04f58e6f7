"""The benchmark's own promises, on a conversation made up here."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "memory_retrieval.py"


def made_up(name: str) -> dict[str, object]:
    facts = ["a parrot", "the cello", "a red bicycle", "Lisbon", "oat milk", "chess on Sundays"]
    turns = [
        {"id": f"D1:{at}", "s": 1, "at": "1:56 pm on 8 May, 2023", "who": who, "text": text}
        for at, (who, text) in enumerate((who, f"For me it is {fact}.") for fact in facts for who in ("Ann", "Bob"))
    ]
    asked = [{"q": f"Who spoke of {fact}?", "gold": [f"D1:{2 * at}", "gone"]} for at, fact in enumerate(facts)]
    return {"conv": name, "turns": turns, "questions": [*asked, {"q": "No gold?", "gold": []}]}


def test_the_benchmark_prints_what_it_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(made_up(name)) + "\n" for name in "xy"), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--data", str(data)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    figures = json.loads(capsys.readouterr().out)
    assert {"any_at_10", "recall_at_10", "mrr", "p95_ms", "bm25_any_at_10", "cross_validated"} <= set(figures)
    assert figures["any_at_10"] == figures["recall_at_10"] == 1
    assert figures["questions"] == 12
