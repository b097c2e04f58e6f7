"""Every sample of every shipped package comes out as it expects, and the command that says so can say otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hostbridge.packages import shipped
from mcp_server.app import App, open_app
from mcp_server.cli.package import differences
from mcp_server.cli.samples import BadSample, Sample, samples, unseen
from mcp_server.settings import Settings
from workflow.details import Caller

PACKAGES = sorted(folder.stem for folder in shipped().glob("*.gbai"))


@pytest.mark.parametrize("package", PACKAGES)
async def test_the_samples_come_out_as_they_expect(settings: Settings, package: str) -> None:
    async with open_app(settings, "command") as app:
        caller = Caller(uuid4(), "demo", "test", owner=True)
        wanted = samples(shipped() / f"{package}.gbai")
        assert wanted and all(sample.expect for sample in wanted), "each says what is to come out"
        for sample in wanted:
            detail = await unseen(app, caller, sample)
            assert differences(sample, detail) == [], sample.title


async def result_of(app: App, sample: Sample) -> list[str]:
    return differences(sample, await unseen(app, Caller(uuid4(), "demo", "test", owner=True), sample))


async def test_what_comes_out_otherwise_is_told(settings: Settings) -> None:
    (first, *_) = samples(shipped() / "starter.gbai")
    other = replace(first, expect={"granted": False, "cost": {"in": 1}}, says=["Dear Zoe"])
    async with open_app(settings, "command") as app:
        assert await result_of(app, other) == [
            "result.granted is true, expected false",
            "result.cost is 0, and an object was expected",
            "it did not say: Dear Zoe",
        ]
        tomorrow = Sample("t", "s", "starter/request", {"name": "Ana", "wish": "x"}, status="failed")
        assert await result_of(app, tomorrow) == ["it is completed: "]


def test_a_sample_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "x.gbai"
    (folder / "samples").mkdir(parents=True)
    (folder / "samples" / "1.json").write_text(json.dumps({"title": "t", "inptus": {}}), "utf-8")
    with pytest.raises(BadSample, match=r"The sample 1\.json of x\.gbai cannot be read: .*inptus"):
        samples(folder)
