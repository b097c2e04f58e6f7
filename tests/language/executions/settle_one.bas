x = SETTLE EXECUTION "e-1" WITH "receipt 17"
TALK x.status                                ' expect: ready
' answer SETTLE EXECUTION: {"status": "ready"}
