"""Imports a plugin from the text that was read: what was reviewed is what runs.

Python itself would look at the file once more, which may have changed since, and prefer a compiled file beside it,
which may say something else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType

from keywords.plugin_code import Code


class _Text(SourceFileLoader):
    """Gives a module the text that was read."""

    def __init__(self, fullname: str, path: str, content: bytes) -> None:
        super().__init__(fullname, path)
        self._content = content

    def get_data(self, path: str) -> bytes:
        return self._content if path == self.path else super().get_data(path)

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError  # so that no compiled file is asked

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        """No compiled file is left either."""


class _Reviewed(MetaPathFinder):
    """Knows the modules of one plugin."""

    of_reviewed = True  # whoever looks for the text again looks past it

    def __init__(self, code: Code) -> None:
        self.root = code.root
        self._modules = {_module(file.name): (Path(code.folder) / file.name, file.content) for file in code.files}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if (known := self._modules.get(fullname)) is None:
            return None
        file, content = known
        inside = [str(file.parent)] if file.name == "__init__.py" else None
        loader = _Text(fullname, str(file), content)
        return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=inside)


def from_text(code: Code) -> None:
    """From now on, the modules of this code are imported from it."""
    sys.meta_path[:] = [each for each in sys.meta_path if not (isinstance(each, _Reviewed) and each.root == code.root)]
    sys.meta_path.insert(0, _Reviewed(code))


def _module(file: str) -> str:
    parts = PurePosixPath(file).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
