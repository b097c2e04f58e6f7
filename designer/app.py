"""All pages of the designer, as routes for whoever serves them."""

from __future__ import annotations

from starlette.routing import Route

from designer.doors import Doors
from designer.house import House
from designer.pages import (
    canvas,
    embed,
    events,
    exchanging,
    home,
    inbox,
    memory,
    models,
    past,
    preferences,
    run,
    runs,
    schedules,
    starting,
    versions,
)

PAGES = (
    home,
    canvas,
    runs,
    run,
    past,
    inbox,
    starting,
    models,
    memory,
    events,
    schedules,
    versions,
    exchanging,
    embed,
    preferences,
)


def house(doors: Doors) -> tuple[House, list[Route]]:
    """The pages with these rooms behind them, and their routes; the house's `table` says what each needs."""
    made = House(doors)
    return made, [made.assets.route, *(route for page in PAGES for route in page.routes(made))]


def routes(doors: Doors) -> list[Route]:
    """The routes alone."""
    return house(doors)[1]
