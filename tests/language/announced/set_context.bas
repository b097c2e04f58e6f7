SET CONTEXT "tone" AS "Be brief and friendly"
' expect announced: Line 1: SET CONTEXT
