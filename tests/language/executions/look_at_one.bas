seen = GET EXECUTION "e-1"
TALK seen.status                             ' expect: waiting
' answer GET EXECUTION: {"status": "waiting"}
