"""Words and signs that other languages have: other BASICs, Python, JavaScript, SQL, Portuguese, Spanish; and what to
write instead. Only lines that cannot be read otherwise are looked at, so every word here may still name a variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from keywords.scan import Word
from keywords.structure import BY_NAME
from keywords.tokens import Problem
from keywords.tree import Span

ENDS = tuple(name for name, word in BY_NAME.items() if name.startswith("END ") and word.closes)
_CLOSE = 0.75

_WRITTEN: Mapping[str, str] = {
    "A variable begins with its first value; [] makes a list.": "DIM",
    "Lists grow by themselves: PUSH list, value.": "REDIM",
    "Write name = value.": "LET VAR CONST DEJA SEJA SEA",
    "Write name = value; names of a SUB are its own.": "LOCAL",
    "Write HEAR name, or HEAR name AS INTEGER.": (
        "INPUT READLINE PROMPT OUVIR OUÇA OUCA LEIA LER PERGUNTE PERGUNTAR PREGUNTAR LEER ESCUCHAR"
    ),
    "Write CALL name, and SUB name .. END SUB around what it does.": "GOSUB",
    "Write FUNCTION name(a, b) .. END FUNCTION, or SUB .. END SUB.": "DEF DEFINE FUNC PROC PROCEDURE FUNÇÃO FUNCAO",
    "Write COMPENSATE WITH and the statement that undoes this one.": "COMPENSATE",
    "Write RETRY 3, right below the statement.": "RETRIES",
    "Write name = name + 1, or INCREMENT BOT MEMORY key.": "INCREMENT DECREMENT INC DEC",
    "Leave it out: every call is waited for.": "AWAIT ASYNC",
    "Write CALL name(a, b).": "CHAMAR CHAME CHAMA LLAMAR",
    "Write DO .. LOOP UNTIL condition.": "REPEAT UNTIL REPITA REPETIR",
    "Write IF condition THEN.": "SE SI",
    "Write IF NOT condition THEN.": "UNLESS",
    "Write ELSE IF condition THEN.": "ELIF ELSIF SENAOSE SENÃOSE",
    "Write ELSE.": "SENAO SENÃO SINO",
    "Write FOR EACH name IN list, or FOR i = 1 TO 10; NEXT ends it.": "PARA",
    "Write NEXT.": "PROXIMO PRÓXIMO SIGUIENTE",
    "Write WHILE condition; WEND ends it.": "ENQUANTO MIENTRAS",
    "Write SELECT CASE value, and CASE lines below it.": "ESCOLHA MATCH",
    "Write CATCH.": "EXCEPT RESCUE",
    "Write TRY .. CATCH .. END TRY.": "TENTE TENTAR INTENTAR",
    "TRY knows CATCH only; what stands behind END TRY runs in either case.": "FINALLY ENSURE",
    'Write THROW "sentence" to fail, or PUBLISH EVENT "name" WITH data to tell others.': "RAISE",
    'Write PUBLISH EVENT "name" WITH data.': "EMIT FIRE PUBLICAR PUBLIQUE",
    'Write TALK "text".': (
        "SAY SPEAK ECHO DISPLAY OUTPUT RESPOND FALAR FALE DIZER DIGA ESCREVA ESCREVER IMPRIMA IMPRIMIR MOSTRE"
        " MSGBOX ALERT MOSTRAR RESPONDER RESPONDA HABLAR DECIR ESCRIBIR"
    ),
    "Write WAIT seconds, or DELAY seconds for more than five minutes.": "SLEEP ESPERAR ESPERE AGUARDAR AGUARDE",
    "Write RETURN value.": "RETORNE RETORNAR RETORNA RETORNO DEVOLVER YIELD",
    "Write EXIT, which ends the program.": "QUIT SAIR SAIA SALIR PARE",
    "Write SAVE.": "SALVAR SALVE GUARDAR STORE",
    'Write FIND "table", "column = value".': "BUSCAR BUSQUE PROCURAR PROCURE",
    'Write SEND MAIL "address", "subject", "text".': "ENVIAR ENVIE MAIL EMAIL",
    'Write STEP 1: BOT "name" "message".': "PASSO ETAPA PASO",
    'Write BOT "name" "message".': "TELL AGENT CONVERSE",
}
INSTEAD: Mapping[str, str] = {word: fix for fix, words in _WRITTEN.items() for word in words.split()}
"""What to write instead of the word that a line begins with, by that word in capitals."""

_END = "EXIT ends the program; a block ends with its own word: END IF, END WORKFLOW, NEXT, WEND, LOOP, END SUB, .."
_COMMENTS = (("-", "-"), ("/", "*"))


def foreign(line: Sequence[Word]) -> Problem | None:
    """What other languages know and this one writes differently; None when the line is wrong in another way."""
    first, second = line[0], line[1] if len(line) > 1 else None
    told = _end(line) or _sign(line)
    if told is not None:
        return told
    if first.kind != "name" or (second is not None and second.text in ("=", ".", "(")):
        return None
    span = Span(first.start, first.end)
    if first.upper in ("SELECT", "INSERT") and any(word.upper in ("FROM", "VALUES") for word in line[2:]):
        fix = 'Write FIND "table", "column = value".' if first.upper == "SELECT" else 'Write SAVE "table", a, b.'
        return Problem(span, f"{first.text} is written differently here than in SQL.", fix)
    fix = INSTEAD.get(first.upper)
    return Problem(span, f"{first.text} is not a keyword.", fix) if fix else None


def _end(line: Sequence[Word]) -> Problem | None:
    """`END`, `END PARALELL`, `FIM SE`."""
    first = line[0]
    if first.kind != "name" or first.upper not in ("END", "FIM", "FIN") or (line[1:] and line[1].kind != "name"):
        return None
    span = Span(first.start, line[-1].end if len(line) < 3 else first.end)
    given = " ".join(word.text for word in line) if len(line) < 3 else first.text
    near = get_close_matches(given.upper(), ENDS, n=1, cutoff=_CLOSE)
    return Problem(span, f"{given} is not a keyword.", f"Did you mean {near[0]}?" if near else _END)


def _sign(line: Sequence[Word]) -> Problem | None:
    """`-- comment`, `/* comment */`, `x += 1`, `x++`."""
    texts = [word.text if word.kind == "operator" else "" for word in line[:3]]
    if tuple(texts[:2]) in _COMMENTS and not line[1].gap:
        span = Span(line[0].start, line[1].end)
        return Problem(
            span, f"`{texts[0]}{texts[1]}` begins no comment.", "Begin it with `'`, also on each line of several."
        )
    if len(texts) < 3 or not texts[1] or line[2].gap or line[0].kind != "name":
        return None
    sign, name, span = texts[1] + texts[2], line[0].text, Span(line[1].start, line[2].end)
    if sign in ("+=", "-=", "*=", "/="):
        return Problem(span, f"`{sign}` is not known.", f"Write {name} = {name} {sign[0]} ..")
    if sign in ("++", "--"):
        return Problem(span, f"`{sign}` is not known.", f"Write {name} = {name} {sign[0]} 1.")
    return None
