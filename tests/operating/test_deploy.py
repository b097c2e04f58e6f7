"""What cannot be run here - containers, clusters, registries - is held against its schema, and against the product."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer.main
import yaml
from jsonschema import Draft7Validator
from jsonschema.validators import validator_for

from mcp_server.cli.commands import app as command_line
from mcp_server.metrics import Metrics
from mcp_server.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
KUBERNETES = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
COMMANDS = set(typer.main.get_command(command_line).commands)  # type: ignore[attr-defined] # a group has commands
SETTINGS = {
    variable for row in Settings.__dataclass_fields__.values() for variable in row.metadata.get("variables", ())
}


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def objects() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in KUBERNETES:
        for each in yaml.safe_load_all(path.read_text("utf-8")):
            yield f"{path.name}: {each['kind']} {each['metadata']['name']}", each


OBJECTS = dict(objects())


def below(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object inside a value."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from below(each)
    elif isinstance(value, list):
        for each in value:
            yield from below(each)


# -- registries and bundles --------------------------------------------------------------------------------------------


def test_server_json_fits_the_registrys_schema_and_is_this_release() -> None:
    schemas = resources.files("skillsaw") / "schemas" / "mcp_registry"
    told = read_json(ROOT / "server.json")
    schema = json.loads((schemas / "v2025_12_11" / "server.schema.json").read_text("utf-8"))
    assert told["$schema"] == schema["$id"]
    assert [error.message for error in Draft7Validator(schema).iter_errors(told)] == []
    assert told["version"] == PROJECT["version"] == told["packages"][0]["version"]
    assert told["packages"][0]["identifier"] == PROJECT["name"] and len(told["description"]) <= 100
    assert {each["name"] for each in told["packages"][0]["environmentVariables"]} <= SETTINGS


def test_the_mcpb_bundle_is_complete_and_says_what_is_true(tmp_path: Path) -> None:
    """Its schema comes with the npm package @anthropic-ai/mcpb: `npx @anthropic-ai/mcpb validate` was run by hand."""
    told = read_json(DEPLOY / "mcpb" / "manifest.json")
    assert told["manifest_version"] == "0.4" and told["version"] == PROJECT["version"]
    assert told["server"]["type"] == "uv" and set(told["server"]["mcp_config"]["env"]) <= SETTINGS
    used = set(re.findall(r"\$\{user_config\.(\w+)\}", json.dumps(told["server"])))
    assert used == set(told["user_config"])
    assert all(row["type"] and row["title"] and row["description"] for row in told["user_config"].values())
    project = tomllib.loads((DEPLOY / "mcpb" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == [f"botmcp=={PROJECT['version']}"]
    assert project["requires-python"] == PROJECT["requires-python"]
    made = [tmp_path / "a.mcpb", tmp_path / "b.mcpb"]
    for file in made:
        subprocess.run(["python3", DEPLOY / "mcpb" / "build.py", file], check=True, capture_output=True)
    assert made[0].read_bytes() == made[1].read_bytes()
    shutil.unpack_archive(made[0], tmp_path / "out", "zip")
    assert (tmp_path / "out" / told["server"]["entry_point"]).is_file()


def test_the_repository_offers_itself_to_mcp_clients() -> None:
    told = read_json(ROOT / ".mcp.json")
    assert told == {"mcpServers": {"botmcp": {"command": ".venv/bin/botmcp"}}}


# -- containers --------------------------------------------------------------------------------------------------------


def test_the_compose_file_fits_its_schema_and_the_product() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text("utf-8"))
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert [error.message for error in validator_for(schema)(schema).iter_errors(told)] == []
    assert {"serve", "worker", "migrate", "postgres", "redis", "qdrant"} == set(told["services"])
    for name in ("serve", "worker", "migrate"):
        service = told["services"][name]
        assert service["command"][0] in COMMANDS and set(service["environment"]) <= SETTINGS
        assert service["image"].endswith(f":{PROJECT['version']}")
        assert set(service["depends_on"]) <= set(told["services"])


def test_the_dockerfile_copies_what_the_wheel_is_made_of_and_runs_a_command() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = set(re.findall(r"^COPY (\w+) \w+$", text, re.MULTILINE))
    assert copied == set(wheel["packages"])
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in (*copied, "pyproject.toml", "README.md", "LICENSE")} <= set(ignored)
    (command,) = re.findall(r'^CMD \["(\w+)"\]$', text, re.MULTILINE)
    assert command in COMMANDS and re.search(r"^USER 10001$", text, re.MULTILINE)
    assert set(re.findall(r"\b(BOTMCP_\w+)=", text)) <= SETTINGS


# -- Kubernetes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in OBJECTS if "keda" not in OBJECTS[name]["apiVersion"]])
def test_each_object_fits_the_schema_of_kubernetes(name: str) -> None:
    for version in ("1.28", "1.33"):
        kubernetes_validate.validate(dict(OBJECTS[name]), version, strict=True)


def test_the_workers_follow_the_queue() -> None:
    """KEDA's own objects, by what its documentation asks of them, and the query by the statuses there are."""
    scaled = OBJECTS["scaling.yaml: ScaledObject botmcp-worker"]["spec"]
    assert OBJECTS["worker.yaml: Deployment botmcp-worker"]["metadata"]["name"] == scaled["scaleTargetRef"]["name"]
    assert "replicas" not in OBJECTS["worker.yaml: Deployment botmcp-worker"]["spec"], "or each apply would undo it"
    (trigger,) = scaled["triggers"]
    assert trigger["type"] == "postgresql" and {"query", "targetQueryValue"} <= set(trigger["metadata"])
    authentication = OBJECTS["scaling.yaml: TriggerAuthentication botmcp-queue"]
    assert trigger["authenticationRef"]["name"] == authentication["metadata"]["name"]
    (secret,) = authentication["spec"]["secretTargetRef"]
    assert (secret["parameter"], secret["key"]) == ("connection", "DATABASE_URL")


async def test_the_query_that_scales_them_counts_what_wants_to_run(database: str) -> None:
    from storage.migrate import migrate
    from storage.pool import connect

    await migrate(database)
    query = OBJECTS["scaling.yaml: ScaledObject botmcp-worker"]["spec"]["triggers"][0]["metadata"]["query"]
    async with await connect(database) as connection:
        assert await (await connection.execute(query.encode())).fetchone() == (0,)


def test_every_container_runs_a_command_that_there_is_with_settings_that_there_are() -> None:
    commands = {argument for name in OBJECTS for each in below(OBJECTS[name]) for argument in each.get("args", ())[:1]}
    assert commands == {"serve", "worker", "migrate"} <= COMMANDS
    assert set(OBJECTS["settings.yaml: ConfigMap botmcp"]["data"]) <= SETTINGS
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8"))
    assert sorted(listed["resources"]) == [path.name for path in KUBERNETES]
    assert listed["images"] == [{"name": "botmcp", "newTag": PROJECT["version"]}]


def test_the_probes_ask_what_the_server_answers() -> None:
    asked = {each["path"] for name in OBJECTS for each in below(OBJECTS[name]) if "path" in each and "port" in each}
    assert asked == {"/healthz", "/readyz"}
    served = (ROOT / "mcp_server" / "http.py").read_text("utf-8")
    assert all(f'Route("{path}"' in served for path in asked)


# -- systemd and LXC ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_there_is(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign] # the way its documentation tells
    read.read(unit)
    assert {"Unit", "Service", "Install"} == set(read.sections())
    assert read["Service"]["ExecStart"].split()[1] in COMMANDS
    assert read["Service"]["EnvironmentFile"] == "/etc/botmcp/botmcp.env"
    if verify := shutil.which("systemd-analyze"):
        done = subprocess.run([verify, "verify", unit], capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if "is not executable" not in line]
        assert not [line for line in complaints if unit.stem.rstrip("@") in line], complaints


def test_the_file_of_settings_names_settings() -> None:
    text = (DEPLOY / "systemd" / "botmcp.env").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named <= SETTINGS and {"DATABASE_URL", "BOTMCP_TOKEN"} <= named


def test_the_recipe_for_lxc_is_a_script_and_finds_its_files() -> None:
    script = DEPLOY / "lxc" / "install.sh"
    subprocess.run(["sh", "-n", script], check=True)
    text = script.read_text("utf-8")
    for name in re.findall(r"\$here/([\w/@.-]+)", text):
        assert (DEPLOY / name).is_file(), name


def test_metrics_are_there_to_be_scraped() -> None:
    assert {"botmcp_executions", "botmcp_queue_oldest_seconds"} <= {
        metric.name for metric in Metrics().registry.collect()
    }
