f = FORK EXECUTION "e-1" FROM STEP 2 WITH VARIABLES {amount: 5}
TALK f.execution_id                          ' expect: e-2
' answer FORK EXECUTION: {"execution_id": "e-2", "status": "ready"}
