score = 50
IF score > 80 THEN
  TALK "high"
ELSE IF score > 40 THEN
  TALK "middle"       ' expect: middle
ELSEIF score > 20 THEN
  TALK "low"
ELSE
  TALK "none"
END IF
