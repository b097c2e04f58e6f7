"""The task type and the features of a prompt are told from its words alone."""

from __future__ import annotations

import pytest

from smartrouter.routing.features import SURFACE, read
from smartrouter.routing.tasks import excerpt, options, task_type


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Hi, how are you today?", "chat"),
        ("", "chat"),
        ("Write a function that reverses a list.", "code"),
        ("```\nfor i in range(3): print(i)\n```\nWhat does this print?", "code"),
        ("Ana has 12 apples and gives away 5. How many are left?", "math"),
        ("Evaluate $\\frac{1}{2} + \\frac{1}{3}$.", "math"),
        ("Which gas do plants take in?\nA. oxygen\nB. helium\nC. carbon dioxide\nD. neon\nAnswer:", "mcq"),
        ("Choices: (A) red, (B) blue, (C) green", "mcq"),
        ("What is the sum of 17 and 25?\nA) 41\nB) 42\nC) 43\nD) 44", "mcq_math"),
        ("Translate to Portuguese: the 3 cats and 4 dogs sleep.", "translate"),
        ("Summarize the following report in two sentences: sales rose 5% in 2021, 7% in 2022 ...", "summarise"),
        ("Extract the invoice number from this text as JSON: ...", "extract"),
        ("Write a short poem about the sea.", "creative"),
        ("Think step by step: is every square a rectangle?", "reasoning"),
        ("Resuma este texto para o cliente.", "summarise"),
    ],
)
def test_a_prompt_has_the_task_type_of_its_words(prompt: str, task: str) -> None:
    assert task_type(prompt) == task


def test_options_count_only_in_order() -> None:
    assert options("A. one\nB. two\nC. three") == 3
    assert options("Vitamin A. It helps.") == 0
    assert options("B. two\nD. four") == 0


def test_every_surface_feature_is_bounded_for_any_text() -> None:
    for text in ("", "x", "?" * 5000, "Größe 東京 " * 2000, "\n" * 9000, "A) " * 3000, "\x00\ud800", "9" * 100_000):
        found = read(text).surface
        assert len(found) == len(SURFACE)
        assert all(-2 <= number <= 2 for number in found)


def test_both_ends_of_a_long_prompt_are_looked_at() -> None:
    material = "Lorem ipsum dolor sit amet. " * 5000
    assert task_type("Translate this into German:\n" + material) == "translate"
    assert task_type(material + "\nSummarize the text above.") == "summarise"
    assert len(excerpt(material)) < 5000
