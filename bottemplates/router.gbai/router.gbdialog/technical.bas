' Answers what concerns faults and passwords. A real one would look into its own systems, or be a model agent with tools.

DESCRIPTION "Answers about faults and passwords"
PARAM message AS STRING LIKE "Hello" DESCRIPTION "What somebody wrote"

RETURN "Please tell me what you did just before it happened."
