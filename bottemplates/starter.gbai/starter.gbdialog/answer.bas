' Writes the answer. It finds the variables of the workflow by their names.

DESCRIPTION "Writes the answer to a wish"
PARAM name AS STRING LIKE "Ana" DESCRIPTION "Who asked"
PARAM wish AS STRING LIKE "A day off" DESCRIPTION "What for"
PARAM granted AS BOOLEAN LIKE TRUE DESCRIPTION "Whether they get it"

RETURN "Dear ${name}, " + IIF(granted, "you get it: ", "we are sorry, not this time: ") + wish + "."
