SIGNAL "e-1", "paid"
SIGNAL "e-2", "paid", {amount: 5}
' answer SIGNAL EXECUTION "e-1": {"status": "running"}
' answer SIGNAL EXECUTION "e-2": {"status": "waiting"}
' expect journal: SIGNAL EXECUTION {"status": "running"}
' expect journal: SIGNAL EXECUTION {"status": "waiting"}
