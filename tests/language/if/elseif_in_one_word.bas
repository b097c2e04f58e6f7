IF 1 = 2 THEN
  TALK "never"
ELSEIF 1 = 1 THEN
  TALK "yes"                                 ' expect: yes
END IF
