TALK IIF(1 > 2, "a", "b") + IF(TRUE, "c", "d") + NVL(NULL, "e") + COALESCE(NULL, NULL, "f")   ' expect: bcef
