x = RESUME EXECUTION "e-1"
TALK x.status                                ' expect: ready
' answer RESUME EXECUTION: {"status": "ready"}
