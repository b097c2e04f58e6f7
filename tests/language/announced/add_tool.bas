ADD TOOL "enrolment"
' expect announced: Line 1: ADD TOOL
