' Answers what concerns offers and prices. A real one would look into its own systems, or be a model agent with tools.

DESCRIPTION "Answers about offers and prices"
PARAM message AS STRING LIKE "Hello" DESCRIPTION "What somebody wrote"

RETURN "I send you an offer today."
