' Puts the products into parcels that one person can carry: every piece goes into the first parcel with room for it.

DESCRIPTION "Divides an order into parcels of at most 20 kilos"
PARAM lines AS ARRAY LIKE [{"product": "mug", "quantity": 2, "kilos": 0.4}] DESCRIPTION "What is packed"

parcels = []
FOR EACH packed IN lines
  FOR piece = 1 TO packed.quantity
    place = room_for(packed.kilos)
    parcels[place].kilos = ROUND(parcels[place].kilos + packed.kilos, 2)
    parcels[place].counts[packed.product] = NVL(parcels[place].counts[packed.product], 0) + 1
  NEXT
NEXT

labelled = []
FOR EACH parcel IN parcels
  content = []
  FOR EACH product IN parcel.counts
    content.PUSH(parcel.counts[product] + " x " + product)
  NEXT
  labelled.PUSH({"number": LEN(labelled) + 1, "kilos": parcel.kilos, "content": JOIN(content, ", ")})
NEXT
RETURN labelled

' The place of the first parcel that can take so many kilos more; a new one where there is none.
FUNCTION room_for(kilos)
  FOR i = 0 TO LEN(parcels) - 1
    IF parcels[i].kilos + kilos <= 20 THEN RETURN i
  NEXT
  parcels.PUSH({"kilos": 0, "counts": {}})
  RETURN LEN(parcels) - 1
END FUNCTION
