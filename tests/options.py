"""Options of the test run; with `--refuse-skips` a skip hides no fault: CI installs what the tests need."""

from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refuse-skips", action="store_true", help="count a skipped test as a failed one")
    parser.addoption("--server", default="", help="dsn of a Postgres to test against, instead of an embedded one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.getoption("--refuse-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and skips are refused here: {report.longrepr}"
    return report
