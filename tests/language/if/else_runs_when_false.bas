IF 1 > 2 THEN
  TALK "no"
ELSE
  TALK "yes"          ' expect: yes
END IF
