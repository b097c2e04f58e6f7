x = ANSWER EXECUTION "e-1" WITH "yes"
TALK x.status                                ' expect: running
' answer ANSWER EXECUTION: {"status": "running"}
