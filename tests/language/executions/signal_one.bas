x = SIGNAL EXECUTION "e-1" WITH "paid" DATA {amount: 5}
TALK x.status                                ' expect: running
' answer SIGNAL EXECUTION: {"status": "running"}
