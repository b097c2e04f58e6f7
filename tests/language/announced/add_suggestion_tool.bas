ADD SUGGESTION TOOL "enrolment" AS "Enrol"
' expect announced: Line 1: ADD SUGGESTION TOOL
