' answer GRAPHQL: {"status": 200, "data": {"user": {"name": "Ana"}}}
d = GRAPHQL "https://example.com/graphql", "{ user { name } }"
TALK d.data.user.name                        ' expect: Ana
