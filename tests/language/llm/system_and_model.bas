x = LLM "p" WITH MODEL "fast" WITH SYSTEM "Be brief"
TALK x                                       ' expect: ok
' answer LLM: "ok"
