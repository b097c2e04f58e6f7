SELECT CASE BOT "judge" "x"
  CASE "yes"
    TALK "fine"                              ' expect: fine
END SELECT
' answer BOT: "yes"
