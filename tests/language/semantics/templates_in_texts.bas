x = {n: 2}
TALK "n=${x.n} and ${x.n + 1} and ${UCASE("a")}"   ' expect: n=2 and 3 and A
