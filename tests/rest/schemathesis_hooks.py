"""What Schemathesis must be told: how a zip file looks. Copied beside its settings by `tests.rest.contract`."""

import io
import zipfile
from typing import Any

import schemathesis  # pyright: ignore[reportMissingImports] - installed for that command alone


@schemathesis.serializer("application/zip")  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
def zipped(context: Any, value: Any) -> bytes:
    """A package with the generated value as a dialog."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("start.bas", f"TALK {len(str(value))}\n")
    return out.getvalue()
