x = CANCEL EXECUTION "e-1"
TALK x.status                                ' expect: cancelled
' answer CANCEL EXECUTION: {"status": "cancelled"}
