"""The golden programs as pieces that can be played: compiled, with the world's answers to each of their calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from keywords.compile import compile_program
from keywords.library import registry as library
from keywords.mistakes import ProgramError
from keywords.program import Program
from keywords.registry import Registry
from tests.golden.answers import answered_by
from tests.golden.rows import Cast, Piece
from tests.language.golden import programs
from tests.language.straight import Runner, Straight, answers_of

FUEL = 50  # of the straight run that measures how long a piece is
STOPS = 60  # how often a long piece should stop on its way; a short one stops after each step


class Stage:
    """Where pieces are played: one registry whose outside verbs answer as the piece says, and who plays what."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.plain = registry or library()
        self.calls: list[tuple[str, str]] = []
        self.cast = Cast({})
        self.registry = answered_by(self.plain, self.cast.answer, self.calls)

    def play(self, pieces: Iterable[Piece]) -> None:
        self.cast.pieces = {piece.name: piece for piece in pieces}

    def bound(self, program: Program) -> Program:
        return Program.load(program.hash, program.to_json(), program.source, self.registry)

    def piece(self, name: str, program: Program, inputs: Mapping[str, Any], straight: Straight) -> Piece:
        fuel = max(1, straight.stops * FUEL // STOPS)
        return Piece(name, self.bound(program), inputs, straight.answers, straight.paths, fuel)


def golden_pieces(stage: Stage) -> dict[str, tuple[Piece, Straight]]:
    """Every golden program that runs, with what it did straight through the machine."""
    runner = Runner(stage.plain)
    found: dict[str, tuple[Piece, Straight]] = {}
    for golden in programs():
        compiled = compile_program(golden.source, runner.registry)
        if compiled.program is None:
            continue
        try:
            straight = runner.run(compiled.program, golden.inputs, answers_of(golden), fuel=FUEL)
        except ProgramError:
            continue  # its inputs are refused: it never begins
        found[golden.name] = (stage.piece(golden.name, compiled.program, golden.inputs, straight), straight)
    return found
