ok = RATE LLM NULL, 1 IN EXECUTION "0b2f4f5e-3c39-4f0e-9d4b-4a3c7a2d9e10"
TALK "rated " + ok                           ' expect: rated true
' answer RATE LLM: true
