gone = UNPUBLISH WORKFLOW "refund"
IF gone.version IS NULL THEN TALK gone.name  ' expect: Refund
' answer UNPUBLISH WORKFLOW: {"version": null, "name": "Refund", "unchanged": false}
