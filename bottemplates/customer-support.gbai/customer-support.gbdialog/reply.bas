' Writes the answer to the customer.

DESCRIPTION "Writes a friendly answer to a customer"
PARAM customer AS STRING LIKE "Ada" DESCRIPTION "Whom to answer"
PARAM outcome AS STRING LIKE "We refund 29 dollars." DESCRIPTION "What was decided"
PARAM urgency AS STRING LIKE "normal" DESCRIPTION "How urgent the request was" OPTIONAL

IF urgency = "urgent" THEN
  opening = "Dear ${customer}, thank you for your patience."
ELSE
  opening = "Hello ${customer}!"
END IF

RETURN opening + " " + outcome
