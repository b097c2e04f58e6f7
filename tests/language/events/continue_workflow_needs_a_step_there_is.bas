ON EVENT "skip" DO
  CONTINUE WORKFLOW AT STEP 9
END ON
STEP 1: TALK "one"
' expect error: Line 2: There is no STEP 9. Name a step of this program.
