moved = GO ON AT STEP 2 AT INDEX 5 OF "11111111-2222-3333-4444-555555555555"
TALK moved                                   ' expect: true
' answer CONTINUE WORKFLOW: true
