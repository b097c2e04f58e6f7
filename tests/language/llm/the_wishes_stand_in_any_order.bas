x = LLM "p" WITH CACHE 60 WITH SYSTEM "s" WITH MODEL "m" WITH MAX_LATENCY 100 WITH OPTIMIZE FOR "speed"
TALK x                                       ' expect: ok
' answer LLM: "ok"
