decision = HUMAN APPROVAL FROM "ana" TIMEOUT 60 MESSAGE "Refund 5?"
TALK decision.status + ": " + decision.comment   ' expect: rejected: no
' answer HUMAN APPROVAL: {"approved": false, "status": "rejected", "by": "ana", "comment": "no"}
