"""What is committed is the product's own and says nothing of the machine it was written on."""

from __future__ import annotations

import hashlib
import re

from tests.house.tree import ROOT, VENDOR, files, project, shown

# Written so that this file does not hold what it looks for.
REGISTRIES = rb"(?:py[p]i|python[h]osted|npm[j]s|deb\.[d]ebian|un[p]kg|js[d]elivr)\.(?:org|com|net)"
MACHINE_PATHS = rb"(?<![\w.~/-])/(?:[w]ork|[r]oot|[h]ome/\w+)(?=[/\s\"'`])"

REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", re.MULTILINE)


def test_no_committed_file_names_a_registry_or_a_place_on_a_machine() -> None:
    unwanted = re.compile(REGISTRIES + b"|" + MACHINE_PATHS)
    found = {shown(path): match.group() for path in files() if (match := unwanted.search(path.read_bytes()))}
    assert found == {}


def test_front_end_files_point_to_no_source_map() -> None:
    """A browser's tools would ask for it, and the log would fill with misses."""
    assert [shown(path) for path in VENDOR.rglob("*.min.*") if b"sourceMappingURL" in path.read_bytes()] == []


def test_front_end_files_are_those_of_the_manifest() -> None:
    listed = dict(re.findall(r"^- `(.+)` sha256 `(.+)`$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE))
    here = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del here["VENDOR.md"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in here.items()} == listed


def test_every_front_end_folder_holds_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert folders
    assert [folder.name for folder in folders if not (folder / "LICENSE").exists()] == []


def test_every_locked_requirement_has_its_hashes() -> None:
    for name in ("run", "test", "build"):
        for block in re.split(r"\n(?=\S)", lock(name).strip()):
            if not block.startswith("#"):
                assert REQUIREMENT.match(block), f"{name}.lock: {block[:80]}"
                assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), f"{name}.lock: {block[:80]}"


def test_locks_name_no_index_and_no_address() -> None:
    for name in ("run", "test", "build"):
        assert not re.search(r"://|--index|--extra-index|--find-links|@ ", lock(name)), name


def test_the_locks_agree() -> None:
    """One environment holds all three, so the smaller ones pin what the largest pins."""
    tests = pins("test")
    assert pins("run").items() <= tests.items()
    assert pins("build").items() <= tests.items()


def test_every_dependency_is_locked() -> None:
    own = project()
    named = {"run": own["project"]["dependencies"], "build": own["build-system"]["requires"]}
    named["test"] = named["run"] + own["project"]["optional-dependencies"]["test"]
    for name, requirements in named.items():
        wanted = {re.split(r"[\[<>=;\s]", text)[0].lower() for text in requirements}
        assert wanted - pins(name).keys() == set(), name


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def pins(name: str) -> dict[str, str]:
    return dict(REQUIREMENT.findall(lock(name)))
