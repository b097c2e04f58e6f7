"""The command line as people use it: real processes, sentences instead of tracebacks, exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import APPROVAL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hello.bas"


def test_run_shows_what_happens_and_ends_with_the_result(botmcp: Botmcp, file: Path) -> None:
    file.write_text('PARAM name AS STRING\nTALK "Hello " + name\nDELAY 0.2\nRETURN LEN(name)\n', "utf-8")
    done = botmcp.run("run", str(file), "--input", "name=Ana")
    assert done.returncode == 0, done.stderr
    assert "TALK Hello Ana" in done.stdout and "DELAY" in done.stdout
    assert done.stdout.rstrip().endswith("completed: 3")


def test_run_names_the_event_and_the_memory_where_the_answer_does_not(botmcp: Botmcp, file: Path) -> None:
    file.write_text('STEP 1: PUBLISH EVENT "order.paid" WITH 7\nx = GET BOT MEMORY "tier"\nRETURN x\n', "utf-8")
    said = botmcp.run("run", str(file)).stdout
    assert 'step 1 PUBLISH EVENT "order.paid" WITH 7\n' in said and 'GET BOT MEMORY "tier"' in said


def test_run_prints_json_for_programs(botmcp: Botmcp, file: Path) -> None:
    file.write_text('TALK "hi"\nRETURN {"n": n + 1}\n', "utf-8")
    done = botmcp.run("run", str(file), "--input", "n=41", "--json")
    told = json.loads(done.stdout)
    assert (told["status"], told["result"], told["messages"]) == ("completed", {"n": 42}, [{"bot": "", "text": "hi"}])


def test_run_with_a_key_starts_once(botmcp: Botmcp, file: Path) -> None:
    file.write_text("RETURN GUID()\n", "utf-8")
    one, two = (json.loads(botmcp.run("run", str(file), "--idempotency-key", "k", "--json").stdout) for _ in range(2))
    assert one == two


def test_a_failing_run_says_where_and_exits_with_1(botmcp: Botmcp, file: Path) -> None:
    file.write_text("x = 1\ny = x / 0\n", "utf-8")
    done = botmcp.run("run", str(file))
    assert done.returncode == 1 and "failed: Line 2, column" in done.stdout


def test_a_run_that_is_left_waits_in_the_background_until_somebody_approves(botmcp: Botmcp, file: Path) -> None:
    file.write_text(APPROVAL, "utf-8")
    process = botmcp.start("run", str(file), "--input", "amount=9")
    assert process.stdout
    said = ""
    while "waits for an approval" not in said:
        said += (line := process.stdout.readline())
        assert line, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Left running" in out, err
    (execution,) = re.findall(r"^execution (\S+)", said, re.MULTILINE)

    listed = botmcp.run("approve")
    assert "refund" in listed.stdout and f"botmcp approve {execution}" in listed.stdout
    status = botmcp.run("status")
    assert execution in status.stdout and "approval from lead@example.com" in status.stdout
    assert re.search(r"http://127\.0\.0\.1:\d+/inbox/open\?key=", status.stdout)
    assert "key=" not in botmcp.run("status", "--json").stdout

    assert botmcp.run("approve", execution[:8], "--reject", "--comment", "no").returncode == 0
    until = time.monotonic() + 60
    while "No execution is unfinished" not in botmcp.run("status").stdout:
        assert time.monotonic() < until
    late = botmcp.run("approve", execution)
    assert late.returncode == 1 and "There is no pending approval" in late.stderr


def test_a_run_that_is_left_finds_the_dialogs_beside_its_file_later(botmcp: Botmcp, tmp_path: Path) -> None:
    dialogs = tmp_path / "bäckerei im Hof" / "bakery.gbai" / "bakery.gbdialog"
    dialogs.mkdir(parents=True)
    (dialogs / "bake.bas").write_text('RETURN "a cake"\n', "utf-8")
    file = dialogs / "order.bas"
    file.write_text(
        'ORCHESTRATE WORKFLOW "order"\nSTEP 1: HUMAN APPROVAL FROM "boss" TIMEOUT 900\nSTEP 2: BOT "bake" "now"\n'
        "RETURN result\n",
        "utf-8",
    )
    process = botmcp.start("run", str(file), "--idempotency-key", "k")
    assert process.stdout
    while "waits for an approval" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    execution = json.loads(botmcp.run("status", "--json").stdout)["executions"][0]["id"]
    assert botmcp.run("approve", execution).returncode == 0
    until = time.monotonic() + 60
    while "No execution is unfinished" not in botmcp.run("status").stdout:
        assert time.monotonic() < until
    told = json.loads(botmcp.run("run", str(file), "--idempotency-key", "k", "--json").stdout)
    assert (told["status"], told["result"]) == ("completed", "a cake")


def test_check_prints_the_agreed_json_and_exits_with_1_on_errors(botmcp: Botmcp, tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "a.bas").write_text('TALK "fine"\n', "utf-8")
    (folder / "b.bas").write_text('BOT "nobody" "x"\n', "utf-8")
    (folder / "c.bas").write_text('TALK "x"\nPUBLISH EVNT "x"\n', "utf-8")
    (folder / "d.bas").write_bytes(b"TALK 1\nTALK \xff\n")
    done = botmcp.run("check", str(folder), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert [Path(each["path"]).name for each in told["files"]] == ["a.bas", "b.bas", "c.bas", "d.bas"]
    assert [each["status"] for each in told["files"]] == ["ok", "warning", "error", "error"]
    (wrong,) = told["files"][2]["diagnostics"]
    assert set(wrong) == {"line", "column", "severity", "message", "fix"} and (wrong["line"], wrong["column"]) == (2, 1)
    assert told["summary"] == {"files": 4, "errors": 2, "warnings": 1}
    assert botmcp.run("check", str(folder / "b.bas")).returncode == 0


def test_the_shipped_templates_have_no_fault(botmcp: Botmcp) -> None:
    done = botmcp.run("check", "bottemplates", "--json")
    assert json.loads(done.stdout)["summary"]["warnings"] == json.loads(done.stdout)["summary"]["errors"] == 0


def test_check_needs_no_database(tmp_path: Path, botmcp: Botmcp, file: Path) -> None:
    file.write_text("RETURN 1\n", "utf-8")
    home = tmp_path / "empty"
    assert Botmcp(botmcp.program, home).run("check", str(file)).returncode == 0
    assert not home.exists()


def test_a_bot_beside_the_file_is_found_wherever_the_package_is(botmcp: Botmcp, tmp_path: Path) -> None:
    dialogs = tmp_path / "shop.gbai" / "shop.gbdialog"
    dialogs.mkdir(parents=True)
    (dialogs / "count.bas").write_text("RETURN 3\n", "utf-8")
    (dialogs / "main.bas").write_text('STEP 1: BOT "count" "x"\nRETURN step1 * 2\n', "utf-8")
    done = botmcp.run("run", str(dialogs / "main.bas"), "--json")
    assert json.loads(done.stdout)["result"] == 6, done.stderr


@pytest.mark.parametrize(
    ("arguments", "more", "code", "said"),
    [
        (["run", "/nowhere.bas"], {}, 1, "cannot be read"),
        (["check", "/nowhere"], {}, 1, "There is no /nowhere"),
        (["frobnicate"], {}, 2, "No such command"),
        (["approve", "x"], {}, 1, "There is no pending approval"),
        (["status"], {"BOTMCP_PROT": "1"}, 1, "Did you mean BOTMCP_PORT"),
        ([], {"BOTMCP_PROT": "1"}, 1, "Did you mean BOTMCP_PORT"),
        (["serve", "--host", "0.0.0.0"], {}, 1, "BOTMCP_TOKEN"),
        (["serve"], {"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/x"}, 1, "Cannot reach the database"),
        ([], {"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/x"}, 1, "Cannot reach the database"),
        (["migrate"], {"DATABASE_URL": "not a url"}, 1, "DATABASE_URL"),
        (["status"], {"BOTMCP_HOME": "/proc/self/nowhere"}, 1, "BOTMCP_HOME"),
        ([], {"BOTMCP_HOME": "/proc/self/nowhere"}, 1, "BOTMCP_HOME"),
        (["demo"], {"BOTMCP_HOME": "/dev/null/x"}, 1, "BOTMCP_HOME"),
        (["demo", "order-procesing"], {}, 1, "Did you mean order-processing?"),
        (["demo", "zzzz"], {}, 1, "These have samples: content-moderation, customer-support, document-approval, "),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    botmcp: Botmcp, arguments: list[str], more: dict[str, str], code: int, said: str
) -> None:
    done = botmcp.run(*arguments, **more)
    assert done.returncode == code, done
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout and "geheim" not in done.stderr + done.stdout
    assert done.stdout == ""


def test_a_fault_of_ours_is_a_sentence_too_and_its_details_are_in_the_log(botmcp: Botmcp) -> None:
    (botmcp.home / "inbox.secret").mkdir(parents=True)
    process = botmcp.start()
    process.communicate(timeout=60)
    done = botmcp.run()
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_doctor_finds_what_is_there_and_what_is_wrong(botmcp: Botmcp, tmp_path: Path) -> None:
    well = botmcp.run("doctor")
    assert well.returncode == 0, well.stdout
    assert "embedded Postgres 18" in well.stdout and "customer-support" in well.stdout
    ill = botmcp.run("doctor", BOTMCP_PACKAGES=str(tmp_path / "none"), REDIS_URL="redis://:geheim@127.0.0.1:1")
    assert ill.returncode == 1 and "geheim" not in ill.stdout
    assert "REDIS_URL does not answer" in ill.stdout and "BOTMCP_PACKAGES names folders" in ill.stdout


def test_the_demo_completes_all_samples_and_can_be_repeated(botmcp: Botmcp) -> None:
    for _ in range(2):
        done = botmcp.run("demo")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "5 of 5 runs completed" in done.stdout
        for shown in ("lead@example.com decides: approve", "boss@example.com decides: approve", "decides: reject"):
            assert shown in done.stdout
        assert "the demo lets it time out" in done.stdout


@pytest.mark.parametrize(("package", "runs"), [("order-processing", 6), ("Content Moderation", 5)])
def test_the_demo_of_another_package_completes_all_its_samples(botmcp: Botmcp, package: str, runs: int) -> None:
    done = botmcp.run("demo", package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{runs} of {runs} runs completed" in done.stdout


def test_help_and_version_are_for_people(botmcp: Botmcp) -> None:
    shown = botmcp.run("--help")
    commands = ("run", "demo", "check", "serve", "worker", "migrate", "status", "stop", "approve", "doctor")
    assert shown.returncode == 0 and all(command in shown.stdout for command in commands)
    assert "background  " not in shown.stdout, "that command is for clients"
    assert re.fullmatch(r"botmcp \d+\.\d+\.\d+", botmcp.run("--version").stdout.strip())


def test_bare_botmcp_imports_no_sdk_and_no_database_driver(botmcp: Botmcp) -> None:
    code = "import sys, mcp_server.entry, mcp_server.client; print(sorted(m for m in sys.modules if m in %r))"
    heavy = ["mcp", "psycopg", "pydantic", "starlette", "litellm", "typer", "rich", "asyncio"]
    python = botmcp.program.with_name("python")
    done = subprocess.run([python, "-c", code % heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
