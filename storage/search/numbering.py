"""Small numbers for names, given again when their name has gone: the rows of arrays."""

from __future__ import annotations

from collections.abc import Iterator


class Numbering:
    """Which name has which number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str | None] = []
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def __getitem__(self, name: str) -> int:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    @property
    def end(self) -> int:
        """One more than the highest number ever given."""
        return len(self._names)

    def name(self, number: int) -> str:
        """The name that has this number."""
        name = self._names[number]
        if name is None:
            raise KeyError(number)
        return name

    def give(self, name: str) -> int:
        """A number for a new name."""
        if self._free:
            number = self._free.pop()
            self._names[number] = name
        else:
            number = len(self._names)
            self._names.append(name)
        self._numbers[name] = number
        return number

    def free(self, name: str) -> int:
        """Takes the name's number back, to be given again."""
        number = self._numbers.pop(name)
        self._names[number] = None
        self._free.append(number)
        return number
