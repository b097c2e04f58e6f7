x = 1
IF x = 1 OR LLM("never") = "x" THEN TALK "short"     ' expect: short
IF x = 2 AND LLM("never") = "x" THEN TALK "no"
y = x = 1 ? "a" : LLM("never")
z = NVL("set", LLM("never"))
w = IIF(x = 1, "b", LLM("never"))
TALK y + z + w                               ' expect: asetb
TALK x = 2 ? "no" : LLM("once")              ' expect: asked
' answer LLM "once": "asked"
