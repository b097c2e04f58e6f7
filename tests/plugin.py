"""Plugins as they are really installed: a module and a dist-info folder that names its entry point."""

from __future__ import annotations

from pathlib import Path

GROUP = "botmcp.keywords"


def install(folder: Path, name: str, source: str, package: str = "") -> None:
    """Put a plugin of this name into a folder, for PYTHONPATH; the module must make a tuple KEYWORDS."""
    package = package or f"botmcp_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{package}.py").write_text(source, "utf-8")
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {package}:KEYWORDS\n", "utf-8")
