FOR EACH one IN LIST WORKFLOWS
  TALK one.name
NEXT
found = LIST WORKFLOWS LIMIT 1
TALK found[0].version
' answer LIST WORKFLOWS: [{"name": "Refund", "version": 3}, {"name": "Greet", "version": null}]
' answer LIST WORKFLOWS: [{"name": "Refund", "version": 3}]
' expect: Refund
' expect: Greet
' expect: 3
