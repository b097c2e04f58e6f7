"""Knowledge bases, tools offered to the model, and how the model answers."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="knowledge", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="knowledge", effect=Effect.READ)

KEYWORDS = (
    _act(
        "ADD TOOL {name}",
        "USE TOOL {name}",
        summary="Let the model of this conversation use a dialog of the package as a tool.",
        example='ADD TOOL "enrolment"',
    ),
    _act("CLEAR TOOLS", summary="Take all tools away from the model.", example="CLEAR TOOLS", value=False),
    _act(
        "USE KB {name}",
        "ADD KB {name}",
        summary="Let the model answer from a knowledge base.",
        example='USE KB "products"',
    ),
    _act("CLEAR KB [{name}]", "CLEAR KB ALL", summary="Take knowledge bases away.", example='CLEAR KB "products"'),
    _ask(
        "THINK KB {query}",
        summary="Search the knowledge bases and reason about what is found.",
        example='THINK KB "late fees"',
    ),
    _ask("KB STATISTICS", summary="Figures about the knowledge bases.", example="KB STATISTICS"),
    _ask("KB COLLECTION STATS {name}", summary="Figures about one collection.", example='KB COLLECTION STATS "faq"'),
    _ask(
        "KB DOCUMENTS COUNT [{name}]",
        "DOCUMENTS COUNT {name}",
        summary="How many documents there are.",
        example="KB DOCUMENTS COUNT",
    ),
    _ask(
        "KB DOCUMENTS ADDED SINCE {days}",
        summary="How many documents were added in so many days.",
        example="KB DOCUMENTS ADDED SINCE 7",
    ),
    _ask("KB LIST COLLECTIONS", summary="The names of all collections.", example="KB LIST COLLECTIONS"),
    _ask("KB STORAGE SIZE", summary="How much room the knowledge bases take, in MB.", example="KB STORAGE SIZE"),
    _act(
        "USE WEBSITE {url} [, {interval}] [REFRESH {every}]",
        summary="Let the model answer from a web site that is read again now and then.",
        example='USE WEBSITE "https://example.com" REFRESH "1d"',
    ),
    _act("CLEAR WEBSITES", summary="Take all web sites away.", example="CLEAR WEBSITES", value=False),
    _ask("WEBSITE OF {name:many}", summary="The address of a company's web site.", example='WEBSITE OF "Example Ltd"'),
    _act(
        "SET CONTEXT {name} [AS {text}]",
        summary="Tell the model something it is to keep in mind.",
        example='SET CONTEXT "tone" AS "Be brief and friendly"',
        value=False,
    ),
    _act(
        "USE MODEL {name}",
        summary="Choose the model of this conversation.",
        example='USE MODEL "quality"',
    ),
    _act(
        "SET MODEL ROUTING {mode}",
        summary="Choose how models are chosen: manual, auto, load-balanced or fallback.",
        example='SET MODEL ROUTING "auto"',
    ),
    _ask("GET CURRENT MODEL", summary="The model of this conversation.", example="GET CURRENT MODEL"),
    _ask("LIST MODELS", summary="The names of all configured models.", example="LIST MODELS"),
    _act("REWRITE {text} [{style}]", summary="Let the model put a text into better words.", example="REWRITE draft"),
    _act("ANSWER {question:many}", summary="Answer a question from the knowledge bases.", example="ANSWER question"),
    _act(
        "TRANSLATE {text} [, {language}]",
        "TRANSLATE {text} TO {language}",
        summary="Translate a text.",
        example='TRANSLATE message, "pt"',
    ),
    _act("SUMMARIZE {text} [, {length}]", summary="The gist of a text.", example="SUMMARIZE report"),
    _act(
        "CLASSIFY {text:many}", summary="Which of some classes a text belongs to.", example="CLASSIFY message, classes"
    ),
    _act("SENTIMENT {text:many}", summary="Whether a text sounds pleased or angry.", example="SENTIMENT message"),
    _act("OCR {image:many}", summary="The text in a picture.", example='OCR "scan.png"'),
    _act(
        "CALCULATE {formula:many}",
        summary="Let the model work out a formula given in words.",
        example="CALCULATE formula",
    ),
    _act(
        "VALIDATE {value:many}", summary="Let the model check a value by a rule.", example='VALIDATE address, "postal"'
    ),
    _act("DETECT {table}", summary="Find what is unusual in a table.", example='DETECT "payments"'),
    _act("DETECT FACES {image:many}", summary="Find the faces in a picture.", example='DETECT FACES "team.jpg"'),
    _act("IMAGE {prompt:many}", summary="Make a picture from a description.", example='IMAGE "A lighthouse at dawn"'),
    _act("VIDEO {prompt:many}", summary="Make a film from a description.", example='VIDEO "Waves on a beach"'),
    _act("AUDIO {text:many}", summary="Make sound from a text.", example='AUDIO "Welcome"'),
    _act("SEE {file:many}", summary="Describe what is in a picture.", example='SEE "photo.jpg"'),
    _act("GET IMAGE {prompt:many}", summary="Find or make a picture.", example='GET IMAGE "spring flowers"'),
    *(
        _act(
            f"RUN {language} {{code}}",
            f"RUN {language} WITH FILE {{file}}",
            summary=f"Run a piece of {language.title()} and answer what it prints.",
            example=f'RUN {language} "print(1)"',
        )
        for language in ("PYTHON", "JAVASCRIPT", "BASH")
    ),
    _act(
        "USE MCP {server}, {tool} [, {arguments}]",
        summary="Call a tool of an MCP server.",
        example='USE MCP "files", "read", {path: "a.txt"}',
    ),
    _ask("MCP LIST TOOLS {server}", summary="The tools of an MCP server.", example='MCP LIST TOOLS "files"'),
    _act(
        "MCP INVOKE {tool} [, {arguments}]",
        summary="Call a tool of an MCP server by its full name.",
        example='MCP INVOKE "files.read", {path: "a.txt"}',
    ),
)
