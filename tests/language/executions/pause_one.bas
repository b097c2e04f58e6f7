x = PAUSE EXECUTION "e-1"
TALK x.status                                ' expect: paused
' answer PAUSE EXECUTION: {"status": "paused"}
