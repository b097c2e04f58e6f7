FOR EACH v IN [NULL, "", 0, FALSE, [], {}]
  IF v THEN TALK "true"
NEXT
FOR EACH v IN ["0", "false", 1, [0], {a: 0}]
  IF v THEN TALK "yes ${JSON(v)}"
NEXT
' expect: yes "0"
' expect: yes "false"
' expect: yes 1
' expect: yes [0]
' expect: yes {"a": 0}
