SELECT CASE 5
  CASE 1
    TALK "never"
END SELECT
TALK "on"                                    ' expect: on
