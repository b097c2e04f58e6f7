PARAM text AS STRING LIKE "hello" DESCRIPTION "What is said"
DESCRIPTION "Says what it heard"
RETURN "heard " + text
