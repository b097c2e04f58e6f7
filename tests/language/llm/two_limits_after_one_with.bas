x = LLM "p" WITH MAX_COST 0.05 MAX_LATENCY 2000
TALK x                                       ' expect: ok
' answer LLM: "ok"
