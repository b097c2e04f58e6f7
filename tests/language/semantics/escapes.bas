TALK "a\nb\t\"c\" \\"                        ' expect: a\nb	"c" \
