x = WAIT FOR EVENT "e"
FOR EACH row IN x.rows
  TALK row.n + x.kind
NEXT
' expect: 1k
' expect: 2k
' answer WAIT FOR EVENT: {"rows": [{"n": 1}, {"n": 2}], "kind": "k"}
