"""Packs the MCPB bundle: `python docs/deploy/mcpb/build.py [FILE] [--wheel WHEEL]`.

The same files make the same bundle. With a wheel, the bundle brings botmcp along instead of asking an index for it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

HERE = Path(__file__).parent
FILES = ("manifest.json", "pyproject.toml", "server.py")


def packed(target: Path, wheel: Path | None) -> None:
    """Write the bundle."""
    content = {name: (HERE / name).read_bytes() for name in FILES}
    if wheel is not None:
        content[f"wheels/{wheel.name}"] = wheel.read_bytes()
        source = f'\n[tool.uv.sources]\nbotmcp = {{ path = "wheels/{wheel.name}" }}\n'
        content["pyproject.toml"] += source.encode()
    with ZipFile(target, "w", ZIP_DEFLATED) as bundle:
        for name, data in sorted(content.items()):
            bundle.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, ZIP_DEFLATED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=Path("botmcp.mcpb"))
    parser.add_argument("--wheel", type=Path)
    given = parser.parse_args()
    packed(given.file, given.wheel)
    sys.stdout.write(f"{given.file}\n")
