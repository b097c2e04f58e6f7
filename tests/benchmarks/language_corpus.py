"""Programs made up from the forms of every keyword and structure word: as large a corpus as is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from keywords.registry import Clause, Form, Kind, Registry

NAMES = ("name", "total", "order_id", "status", "customer", "items", "score", "reply", "i", "amount", "email", "row")
WORDS = ("hello", "refund", "order", "vip", "please wait", "thank you", "urgent", "a question")
OPERATORS = ("+", "-", "*", "/", "=", "<>", "<", ">=", "AND", "OR", "MOD", "CONTAINS")
FUNCTIONS = ("LEN", "UCASE", "TRIM", "ABS", "STR", "VAL")


class Corpus:
    """An endless supply; the same seed gives the same texts."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.random = Random(seed)
        self.forms = [form for keyword in registry for form in keyword.forms if "*" not in form.words]
        self.count = 0

    # -- expressions ---------------------------------------------------------------------------------------------------

    def name(self) -> str:
        return self.random.choice(NAMES)

    def text(self) -> str:
        """A text that no line before had, so that nothing of it can have been kept."""
        self.count += 1
        return f'"{self.random.choice(WORDS)} {self.count}"'

    def leaf(self) -> str:
        roll = self.random.random()
        if roll < 0.45:
            return self.name()
        if roll < 0.7:
            return self.text()
        return str(self.random.randrange(1000)) if roll < 0.9 else f'"Dear ${{{self.name()}}}, {self.count}"'

    def expression(self, depth: int = 2) -> str:
        roll = self.random.random()
        if depth == 0 or roll < 0.5:
            return self.leaf()
        left = self.expression(depth - 1)
        if roll < 0.8:
            return f"{left} {self.random.choice(OPERATORS)} {self.expression(depth - 1)}"
        if roll < 0.88:
            return f"{self.random.choice(FUNCTIONS)}({left})"
        return f"[{left}, {self.leaf()}]" if roll < 0.94 else f"{self.name()}.{self.name()}"

    def condition(self) -> str:
        return f"{self.name()} {self.random.choice(('=', '>', '<', '<>'))} {self.leaf()}"

    # -- statements ----------------------------------------------------------------------------------------------------

    def keyword(self) -> str:
        """A statement of some keyword, with some of what it may have."""
        form: Form = self.random.choice(self.forms)
        written = [form.words]
        for clause in form.clauses:
            if clause.required or self.random.random() < 0.4:
                written.append(self._clause(clause))
        return " ".join(part for part in written if part)

    def _clause(self, clause: Clause) -> str:
        text, first = clause.words, True
        for slot in clause.slots:
            if slot.kind is Kind.FLAG:
                continue
            if not slot.required and self.random.random() < 0.5:
                break
            text += (" " if first else ", ") + self._slot(slot.kind)
            first = False
        return text.strip()

    def _slot(self, kind: Kind) -> str:
        made: dict[Kind, Callable[[], str]] = {
            Kind.TIGHT: self.text,
            Kind.MANY: lambda: f"{self.leaf()}, {self.leaf()}",
            Kind.CONDITION: self.condition,
            Kind.NAME: self.name,
            Kind.PAIRS: lambda: f"{self.name()} = {self.leaf()}, {self.name()} = {self.leaf()}",
            Kind.FIELDS: lambda: f"{self.name()} = {self.leaf()}",
            Kind.TYPE: lambda: "INTEGER",
            Kind.ORDER: lambda: f"{self.name()} DESC",
            Kind.TEXT: lambda: f"some words {self.count}",
        }
        return made.get(kind, self.expression)()

    def statement(self) -> str:
        """One line, as programs have them: mostly assignments, TALK and keywords."""
        roll = self.random.random()
        if roll < 0.4:
            return f"{self.name()} = {self.expression()}"
        if roll < 0.6:
            return f"TALK {self.expression(1)}"
        if roll < 0.65:
            return f"IF {self.condition()} THEN TALK {self.text()}"
        return self.keyword() if roll < 0.95 else f"' {self.text()}"

    def lines(self, depth: int = 0) -> Iterator[str]:
        """A statement, or a block of some."""
        roll, pad = self.random.random(), "  " * depth
        if depth > 3 or roll < 0.8:
            yield pad + self.statement()
            return
        opener, closer = self.random.choice(
            [
                (f"IF {self.condition()} THEN", "END IF"),
                (f"FOR i = 1 TO {self.leaf()}", "NEXT i"),
                (f"FOR EACH row IN {self.name()}", "NEXT row"),
                (f"WHILE {self.condition()}", "WEND"),
                (f"WITH {self.name()}", "END WITH"),
            ]
        )
        yield pad + opener
        for _ in range(self.random.randint(1, 4)):
            if opener.startswith("WITH"):
                yield f"{pad}  {self.name()} = {self.expression(1)}"
            else:
                yield from self.lines(depth + 1)
        yield pad + closer

    def program(self, lines: int) -> str:
        """A text of at least this many lines."""
        found: list[str] = []
        while len(found) < lines:
            found.extend(self.lines())
        return "\n".join(found) + "\n"
