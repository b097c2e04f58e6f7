FOR EACH one IN MIGRATE EXECUTIONS OF "refund" TO "shop/refund" DRY RUN TRUE
  TALK one.execution_id + " " + one.moved
NEXT
' answer MIGRATE EXECUTION: [{"execution_id": "e-1", "moved": true}, {"execution_id": "e-2", "moved": false}]
' expect: e-1 true
' expect: e-2 false
