' Answers what concerns invoices and payments. A real one would look into its own systems, or be a model agent with tools.

DESCRIPTION "Answers about invoices and payments"
PARAM message AS STRING LIKE "Hello" DESCRIPTION "What somebody wrote"

RETURN "I look at your account and answer within a day."
