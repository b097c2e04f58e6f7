PARAM me AS STRING LIKE "1" DESCRIPTION "A number"
DESCRIPTION "Adds one"
TALK "adding to " + me
RETURN VAL(me) + 1
