' Says whether an account can pay. A real shop would ask its bank; this one checks what can be checked without: the
' number of a bank account (IBAN) proves itself. Its country and check digits go to the end, every letter becomes a
' number from 10 (A) to 35 (Z), and what then stands there leaves 1 when it is divided by 97.

DESCRIPTION "Says whether a bank account can pay an amount"
PARAM account AS STRING LIKE "DE89370400440532013000" DESCRIPTION "The bank account, as an IBAN"
PARAM total AS NUMBER LIKE 53 DESCRIPTION "How much, in euros"

IF NOT is_sound(UCASE(REPLACE(account, " ", ""))) THEN
  RETURN {"accepted": FALSE, "reason": "The account number is mistyped. Please check it."}
END IF
IF total > 5000 THEN
  RETURN {"accepted": FALSE, "reason": "We debit at most 5000 euros at once. Please order in parts."}
END IF
RETURN {"accepted": TRUE, "reason": ""}

FUNCTION is_sound(iban)
  IF LEN(iban) < 15 OR LEN(iban) > 34 THEN RETURN FALSE
  turned = MID(iban, 5) + LEFT(iban, 4)
  rest = 0
  FOR place = 1 TO LEN(turned)
    number = INSTR("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", MID(turned, place, 1)) - 1
    IF number < 0 THEN RETURN FALSE
    rest = (rest * IIF(number < 10, 10, 100) + number) MOD 97
  NEXT
  RETURN rest = 1
END FUNCTION
