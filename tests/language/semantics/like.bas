TALK ("Anna" LIKE "An%") + " " + ("Anna" LIKE "x%") + " " + ("Anna" LIKE "A_na")   ' expect: true false true
