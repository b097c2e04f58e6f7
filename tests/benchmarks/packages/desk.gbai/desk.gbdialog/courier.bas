' Fetches a parcel, and tells whoever waits for it.

DESCRIPTION "Fetches a parcel"
PARAM ticket AS STRING LIKE "T-1" DESCRIPTION "Whose parcel"

PUBLISH EVENT "parcel." + ticket WITH {"ticket": ticket, "carrier": "van"}
RETURN "told"
