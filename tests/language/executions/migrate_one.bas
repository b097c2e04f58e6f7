m = MIGRATE EXECUTION "e-1" TO PROGRAM "RETURN 1" WITH VARIABLES {fee: 2}
TALK m[0].moved                              ' expect: true
' answer MIGRATE EXECUTION: [{"execution_id": "e-1", "moved": true, "reason": ""}]
