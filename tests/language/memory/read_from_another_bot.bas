TALK GET BOT MEMORY "price" FROM "sales"     ' expect: 12
' answer GET BOT MEMORY: "12"
