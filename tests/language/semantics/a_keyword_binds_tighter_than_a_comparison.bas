SET BOT MEMORY "tier", "vip"
IF GET BOT MEMORY "tier" = "vip" THEN TALK "welcome"   ' expect: welcome
