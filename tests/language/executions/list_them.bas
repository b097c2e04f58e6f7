FOR EACH each IN LIST EXECUTIONS WITH STATUS "waiting" LIMIT 2
  TALK each.workflow
NEXT
' answer LIST EXECUTIONS: [{"workflow": "a"}, {"workflow": "b"}]
' expect: a
' expect: b
