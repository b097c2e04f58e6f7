"""One score from many channels.

Channels are compared as z-scores over all entries, not as ranks: how far an entry stands out is what a rank forgets.
Fusing ranks with equal weights finds less than BM25 alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from storage.search.columns import Flags, Rows, Scores


@dataclass(frozen=True, slots=True)
class Weights:
    """What each channel counts, in standard deviations of `words`. Rounded on purpose: the optimum is flat."""

    words: float = 1.0
    conversation: float = 1.0
    meaning: float = 1.5
    date: float = 2.5
    length: float = 1.0
    author: float = 2.5
    answer: float = 1.5
    question: float = -2.0


@dataclass(frozen=True, slots=True)
class Channels:
    """What speaks for each of some rows, channel by channel."""

    rows: Rows
    words: Scores
    conversation: Scores
    meaning: Scores
    date: Scores
    length: Scores
    author: Flags
    answer: Flags
    question: Flags
    found_words: Scores  # before they became z-scores
    found_meaning: Scores


def fused(channels: Channels, weights: Weights) -> Scores:
    """The score of each row."""
    return (
        weights.words * channels.words
        + weights.conversation * channels.conversation
        + weights.meaning * channels.meaning
        + weights.date * channels.date
        + weights.length * channels.length
        + weights.author * channels.author
        + weights.answer * channels.answer
        + weights.question * channels.question
    )


def z_scores(scores: Scores, known: Flags) -> Scores:
    """How many standard deviations each score lies above the mean of the known ones; 0 where unknown."""
    result = np.zeros(len(scores))
    given = scores[known]
    if given.size:
        spread = float(given.std())
        if spread > 1e-9:  # all alike: tells nothing
            result[known] = (given - given.mean()) / spread
    return result
