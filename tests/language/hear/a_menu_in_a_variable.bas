choices = ["tea", "coffee"]
HEAR drink AS MENU choices
TALK drink                                   ' expect: coffee
' answer HEAR: "coffee"
