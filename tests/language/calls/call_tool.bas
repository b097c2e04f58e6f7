x = CALL TOOL "check-order" WITH order_id = 7
TALK x.state                                 ' expect: sent
' answer CALL TOOL: {"state": "sent"}
