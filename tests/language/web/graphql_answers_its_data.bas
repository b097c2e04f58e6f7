' answer GRAPHQL: {"user": {"name": "Ana"}}
d = GRAPHQL "https://example.com/graphql", "{ user { name } }"
TALK d.user.name                             ' expect: Ana
