"""All pages of the designer, as routes for whoever serves them."""

from __future__ import annotations

from starlette.routing import Route

from designer.doors import Doors
from designer.house import House
from designer.pages import home, inbox, past, preferences, run, runs, starting

PAGES = (home, runs, run, past, inbox, starting, preferences)


def house(doors: Doors) -> tuple[House, list[Route]]:
    """The pages with these rooms behind them, and their routes; the house's `table` says what each needs."""
    made = House(doors)
    return made, [made.assets.route, *(route for page in PAGES for route in page.routes(made))]


def routes(doors: Doors) -> list[Route]:
    """The routes alone."""
    return house(doors)[1]
