' Looks whether a document is complete, before people are asked.

DESCRIPTION "Finds what a document lacks"
PARAM title AS STRING LIKE "Lease" DESCRIPTION "What it is called"
PARAM kind AS STRING LIKE "contract" DESCRIPTION "contract, invoice or policy"
PARAM text AS STRING LIKE "Signed: Ana" DESCRIPTION "What it says"

missing = []
IF LEN(TRIM(title)) < 5 THEN missing.PUSH("a title")
IF LEN(TRIM(text)) < 20 THEN missing.PUSH("the text")
IF kind = "contract" AND NOT (LCASE(text) CONTAINS "signed:") THEN missing.PUSH("who signed it")
IF kind = "invoice" AND NOT (LCASE(text) CONTAINS "total") THEN missing.PUSH("the total")
RETURN {"missing": JOIN(missing, ", ")}
