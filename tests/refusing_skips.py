"""`pytest --refuse-skips`: a test that skips has failed. CI installs what they need, so a skip there hides a fault."""

from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refuse-skips", action="store_true", help="count a skipped test as a failed one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.getoption("--refuse-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and skips are refused here: {report.longrepr}"
    return report
