"""Products: rows of the bot's table `products`, as TABLE, SAVE or a CSV file of the package has made it."""

from __future__ import annotations

from keywords.function import whole, words
from keywords.host import Host, Value
from keywords.library.tables import tables_of
from keywords.registry import Effect, Keyword, keyword
from keywords.values import List, Object, RowSet, text

TABLE = "products"
FEW = 10
_NAMED = ("id", "sku", "code", "name", "barcode", "product_id")


@keyword("SEARCH PRODUCTS {wanted} [, {count}]", "PRODUCTS {wanted}", effect=Effect.READ,
         example='SEARCH PRODUCTS "laptop", 5', group="tables")  # fmt: skip
async def search_products(host: Host, wanted: Value = None, count: Value = None) -> Value:
    """The products that have all words of a description somewhere in their row: at most 10, or so many."""
    rows = await tables_of(host).found(host.identity, TABLE, None)
    asked = words(wanted).casefold().split() if wanted is not None else []
    most = FEW if count is None else max(0, whole(count))
    return RowSet([row for row in rows if all(word in _all(row) for word in asked)][:most])


@keyword("PRODUCT {name}", effect=Effect.READ, example='PRODUCT "X-100"', group="tables")
async def product(host: Host, name: Value) -> Value:
    """One product by its id, code or name; NULL when there is none."""
    wanted = text(name).strip().casefold()
    for row in await tables_of(host).found(host.identity, TABLE, None):
        for key, value in row.items():
            if key.casefold() in _NAMED and text(value).strip().casefold() == wanted:
                return row
    return None


def _all(row: Object) -> str:
    return " ".join(text(value) for value in List(row.values()) if value is not None).casefold()


KEYWORDS: tuple[Keyword, ...] = (search_products, product)
