waiting = LIST APPROVALS OF "e-1"
TALK UBOUND(waiting)                         ' expect: 1
' answer LIST APPROVALS: [{"approval_id": "a-1"}]
