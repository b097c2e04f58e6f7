"""What is remembered of blocks changes nothing: a text is read as if it had never been seen in parts."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings, strategies as st

from keywords.blocks import DEEPEST, read
from keywords.known_blocks import Memory, moved
from keywords.library import registry
from tests.benchmarks.language_corpus import Corpus
from tests.keywords.test_blocks import BREAKS, PIECES

REGISTRY = registry()
BLOCK = 'IF a THEN\n  TALK "x"\nEND IF\n'


def test_pieces_put_together_anyhow_are_read_the_same() -> None:
    memory = Memory()

    @settings(max_examples=300, deadline=None)
    @given(st.lists(PIECES | BREAKS, max_size=12))
    def same(parts: list[str]) -> None:
        text = "\n".join(parts)
        assert read(text, REGISTRY, memory) == read(text, REGISTRY)

    same()


def test_programs_whose_lines_come_go_and_move_are_read_the_same() -> None:
    chance, memory = Random(5), Memory()
    for seed in range(20):
        lines = Corpus(REGISTRY, seed).program(40).splitlines(keepends=True)
        for _ in range(15):
            at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
            match chance.randrange(3):
                case 0:
                    lines.insert(at, chance.choice(['TALK "new"\n', "\n", "' note\n", "  + 1\n", "END IF\n"]))
                case 1:
                    lines.insert(to, lines.pop(at))
                case _:
                    lines[at] = lines[to]
            text = "".join(lines)
            assert read(text, REGISTRY, memory) == read(text, REGISTRY)


def test_a_known_block_is_not_read_anew_wherever_it_stands() -> None:
    memory = Memory()
    first = read(BLOCK + 'TALK "y"\n', REGISTRY, memory).nodes[0]
    again = read('TALK "z"\n\n' + BLOCK + 'TALK "y"\n', REGISTRY, memory).nodes[-2]
    assert again == moved(first, 2)
    assert again is read('TALK "q"\n\n' + BLOCK + 'TALK "y"\n', REGISTRY, memory).nodes[-2], "it is where it was"


def test_a_block_whose_last_line_goes_on_below_is_another() -> None:
    memory = Memory()
    read('DO\n  a = 1\nLOOP UNTIL a = 1\nTALK "y"\n', REGISTRY, memory)
    text = 'DO\n  a = 1\nLOOP UNTIL a = 1\n  OR b = 1\nTALK "y"\n'
    assert read(text, REGISTRY, memory) == read(text, REGISTRY)
    assert read(text, REGISTRY, memory).nodes[0].end == 4


def test_a_backquote_below_changes_what_stands_above() -> None:
    memory, block = Memory(), 'IF a THEN\n  x = `\nEND IF\nTALK "y"\n'
    for text in (block, block + "`\n", "`\n\r\n`\n`\n\r\n", block + block, "`\n" + block):
        read(text + "TALK 1\n" * 2, REGISTRY, memory)
        for _ in range(2):
            assert read(text, REGISTRY, memory) == read(text, REGISTRY, Memory()) == read(text, REGISTRY)


def test_a_known_block_that_comes_to_stand_too_deep_is_told_of() -> None:
    memory, opened, closed = Memory(), "IF a THEN\n", "END IF\n"
    inner = opened * 60 + closed * 60 + 'TALK "y"\n'
    assert not read(inner, REGISTRY, memory).faults
    text = opened * (DEEPEST - 50) + inner + closed * (DEEPEST - 50) + 'TALK "y"\n'
    assert read(text, REGISTRY, memory) == read(text, REGISTRY)
    assert "nested more than" in read(text, REGISTRY, memory).faults[0].message
