IF BOT "judge" "ok?" = "yes" THEN
  TALK "fine"         ' expect: fine
ELSE IF BOT "judge" "sure?" = "yes" THEN
  TALK "never asked"
END IF
' answer BOT: "yes"
