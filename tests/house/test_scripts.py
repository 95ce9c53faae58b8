"""The scripts one starts by hand."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.house.tree import ROOT

SCRIPTS = {"dev": "sh", ".ci/run": "bash", "tools/vendor_frontend.sh": "sh"}


@pytest.mark.parametrize(("script", "shell"), SCRIPTS.items())
def test_script_can_be_started_and_read(script: str, shell: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert subprocess.run([shell, "-n", ROOT / script], capture_output=True, text=True).stderr == ""


def test_dev_alone_tells_every_command_it_has() -> None:
    source = (ROOT / "dev").read_text()
    accepted = re.search(r"^    up\) .*\n    (test .*)\) prepare test", source, re.MULTILINE)
    assert accepted
    told = set(re.findall(r"^\./dev (\w+)", dev().stdout, re.MULTILINE))
    assert told == {"up", *accepted.group(1).split(" | ")}


def test_dev_refuses_a_word_it_does_not_know() -> None:
    done = dev("upp")
    assert done.returncode != 0
    assert "there is no command 'upp'" in done.stderr


def dev(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", ROOT / "dev", *words], capture_output=True, text=True)
