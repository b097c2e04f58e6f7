"""WEATHER and FORECAST, from open-meteo.com, which asks for no account."""

from __future__ import annotations

from urllib.parse import quote

from keywords.function import items, whole, words
from keywords.host import Host, Value
from keywords.library.web import web_of
from keywords.mistakes import BadAnswer, UnknownName
from keywords.places import as_json
from keywords.registry import Effect, Keyword, keyword
from keywords.values import List, Object

PLACES = "https://geocoding-api.open-meteo.com/v1/search?count=1&name="
FORECASTS = "https://api.open-meteo.com/v1/forecast?timezone=auto"
CODES = {
    0: "clear", 1: "mainly clear", 2: "partly cloudy", 3: "overcast", 45: "fog", 48: "fog", 51: "light drizzle",
    53: "drizzle", 55: "heavy drizzle", 61: "light rain", 63: "rain", 65: "heavy rain", 71: "light snow", 73: "snow",
    75: "heavy snow", 80: "light showers", 81: "showers", 82: "heavy showers", 95: "thunderstorm", 96: "hail",
    99: "hail",
}  # fmt: skip


@keyword("WEATHER {place}", effect=Effect.READ, example='WEATHER "Lisbon"', group="web")
async def weather(host: Host, place: Value) -> Value:
    """The weather at a place now: `{place, temperature, humidity, wind, condition}`, in degrees Celsius and km/h."""
    found = await _place(host, words(place))
    asked = "&current=temperature_2m,relative_humidity_2m,wind_speed_10m,weather_code"
    now = _inside(await _read(host, f"{FORECASTS}&{_where(found)}{asked}"), "current")
    return Object(
        place=found.get("name"),
        temperature=now.get("temperature_2m"),
        humidity=now.get("relative_humidity_2m"),
        wind=now.get("wind_speed_10m"),
        condition=_condition(now.get("weather_code")),
    )


@keyword("FORECAST {place} [, {days}]", effect=Effect.READ, example='FORECAST "Lisbon", 3', group="web")
async def forecast(host: Host, place: Value, days: Value = None) -> Value:
    """The weather of the next days, at most 16: a list of `{date, low, high, rain, condition}`."""
    found = await _place(host, words(place))
    count = 5 if days is None else max(1, min(16, whole(days)))
    asked = "&daily=temperature_2m_min,temperature_2m_max,precipitation_sum,weather_code"
    daily = _inside(await _read(host, f"{FORECASTS}&{_where(found)}&forecast_days={count}{asked}"), "daily")
    columns = [items(daily.get(name) or List()) for name in (
        "time", "temperature_2m_min", "temperature_2m_max", "precipitation_sum", "weather_code",
    )]  # fmt: skip
    return List(
        Object(date=day, low=low, high=high, rain=rain, condition=_condition(code))
        for day, low, high, rain, code in zip(*columns, strict=False)
    )


async def _place(host: Host, name: str) -> Object:
    results = (await _read(host, PLACES + quote(name))).get("results")
    if not isinstance(results, list) or not results:
        raise UnknownName("place", name, (), "Name a town, such as Lisbon.")
    if not isinstance(results[0], Object):
        raise BadAnswer("The weather service did not answer as it should.")
    return results[0]


def _condition(code: Value) -> str:
    return CODES.get(code, "unknown") if isinstance(code, int) else "unknown"


async def _read(host: Host, url: str) -> Object:
    found = as_json(await web_of(host).page(host.moment, url))
    if not isinstance(found, Object):
        raise BadAnswer("The weather service did not answer as it should.")
    return found


def _inside(answer: Object, name: str) -> Object:
    found = answer.get(name)
    if not isinstance(found, Object):
        raise BadAnswer("The weather service did not answer as it should.")
    return found


def _where(place: Object) -> str:
    return f"latitude={place.get('latitude')}&longitude={place.get('longitude')}"


KEYWORDS: tuple[Keyword, ...] = (weather, forecast)
