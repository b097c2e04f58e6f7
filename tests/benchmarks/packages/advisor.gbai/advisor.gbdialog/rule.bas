' The tool of the advisor.

DESCRIPTION "Says which rule a ticket falls under"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "The ticket"

RETURN "rule 7 for " + ticket
