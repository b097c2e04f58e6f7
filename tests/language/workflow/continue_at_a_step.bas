ORCHESTRATE WORKFLOW "w"
n = 0
STEP 1: n = n + 1
STEP 2: TALK "n is " + n
IF n < 2 THEN CONTINUE WORKFLOW AT STEP 1
END WORKFLOW
' expect: n is 1
' expect: n is 2
