"""RUN PYTHON, JAVASCRIPT, BASH: code of other languages, where the owner of the installation allows it."""

from __future__ import annotations

from keywords.function import words
from keywords.host import Host, Value
from keywords.library.files import files_of, path_of
from keywords.mistakes import Refused
from keywords.registry import Effect, Keyword, keyword


def _running(language: str, example: str) -> Keyword:
    async def run(host: Host, code: Value = None, file: Value = None) -> str:
        if host.services.code is None:
            raise Refused(f"RUN {language} cannot be had here: this engine was opened without it.")
        source = words(code)
        if file is not None:
            source = await files_of(host).read(host.identity, path_of(file), "TEXT")
        return await host.services.code.run(language, source)

    run.__doc__ = f"""Run a piece of {language.title()} and answer what it prints; off unless BOTMCP_RUN_CODE allows it.

    It runs in a process of its own with limits of time, memory and output. What it ends with an error is one here.
    """
    return keyword(
        f"RUN {language} {{code}}",
        f"RUN {language} WITH FILE {{file}}",
        effect=Effect.IDEMPOTENT,
        example=f"RUN {language} {example}",
        group="code",
    )(run)


KEYWORDS: tuple[Keyword, ...] = (
    _running("PYTHON", '"print(6 * 7)"'),
    _running("JAVASCRIPT", '"console.log(6 * 7)"'),
    _running("BASH", '"echo hello"'),
)
