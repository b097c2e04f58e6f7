made = PUBLISH WORKFLOW "refund"
TALK made.name + " " + made.version          ' expect: Refund 3
IF made.unchanged THEN TALK "It ran already" ' expect: It ran already
' answer PUBLISH WORKFLOW: {"version": 3, "name": "Refund", "unchanged": true}
