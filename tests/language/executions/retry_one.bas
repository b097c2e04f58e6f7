x = RETRY EXECUTION "e-1"
TALK x.status                                ' expect: ready
' answer RETRY EXECUTION: {"status": "ready"}
