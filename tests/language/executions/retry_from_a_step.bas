x = RETRY EXECUTION "e-1" FROM STEP 2
TALK x.status                                ' expect: ready
' answer RETRY EXECUTION: {"status": "ready"}
