FOR EACH one IN LIST VERSIONS OF "refund"
  IF one.runs THEN TALK "${one.version}: ${one.name}"
NEXT
' answer LIST VERSIONS: [{"version": 2, "name": "", "runs": false}, {"version": 1, "name": "spring", "runs": true}]
' expect: 1: spring
