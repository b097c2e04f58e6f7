source = "TALK \"Hello\""
made = PUBLISH WORKFLOW "greet" FROM source AS VERSION "first"
PUBLISH WORKFLOW "greet" AS VERSION "second"
PUBLISH WORKFLOW "greet" AS VERSION "third" FROM source
RETURN made.version
' answer PUBLISH WORKFLOW: {"version": 1, "name": "greet", "unchanged": false}
' answer PUBLISH WORKFLOW: {"version": 2, "name": "greet", "unchanged": false}
' answer PUBLISH WORKFLOW: {"version": 3, "name": "greet", "unchanged": false}
' expect journal: PUBLISH WORKFLOW {"version": 1, "name": "greet", "unchanged": false}
' expect journal: PUBLISH WORKFLOW {"version": 2, "name": "greet", "unchanged": false}
' expect journal: PUBLISH WORKFLOW {"version": 3, "name": "greet", "unchanged": false}
' expect result: 1
