summary = LLM "Summarise"
known = RATE LLM summary, 0.9
TALK known                                   ' expect: true
' answer LLM: "short"
' answer RATE LLM "short": true
