"""What a newcomer finds: documents that tell the truth, locked requirements, containers and a wheel that hold all."""

from __future__ import annotations

import base64
import configparser
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.presence import absent
from support.stored import environment

from harvester import __version__
from harvester.cli import cli
from harvester.cli.settings import settings_table
from harvester.config import Settings
from harvester.model import Outcome, RawItem
from harvester.normalize.publiccode import read
from tools import sbom
from tools.images import images, unpinned

ROOT = Path(__file__).parents[1]
MOST_LINES = 500

pytestmark = pytest.mark.xdist_group("wheel")  # made once, not by each worker


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every text file that is, or is about to be, in version control; the locked requirements are left out."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        absent("the project's files are not known", "install git, and run in a clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name and not name.startswith("requirements")]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1000]]


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read_string(_text("setup.cfg"))
    return parser


# documents


def test_the_settings_document_is_the_settings_table() -> None:
    rows = re.findall(r"^\| `(HARVESTER_\w+)` \| (?:`(.*?)`)? ?\| (.*) \|$", _text("docs/settings.md"), re.MULTILINE)
    table = settings_table(Settings.model_construct())
    assert rows == [(row["variable"], row["default"] or "", row["meaning"]) for row in table]


def _commands_in(text: str) -> Iterator[list[str]]:
    """Command lines in code, inline or in blocks: words up to the first that is no command's or option's name."""
    code = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    code += "\n" + "\n".join(
        re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    )
    for found in re.findall(r"(?:^|\s)(?:\.venv/bin/)?((?:harvester|make) [^\n#]+)", code, re.MULTILINE):
        yield found.split()


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/adding-a-source.md"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_in_documents_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    found = list(_commands_in(_text(document)))
    assert found
    for program, *words in found:
        if program == "make":
            assert words[0] in targets, words
        else:
            _check_words(words)


def _check_words(words: list[str]) -> None:
    command: click.Command = cli
    while isinstance(command, click.Group):
        assert words, f"{command.name} alone is no command"
        assert words[0] in command.commands, words
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, words


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md", "docs/settings.md"])
def test_links_in_documents_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", _text(document)):
        assert target.startswith("https://") or (ROOT / document).parent.joinpath(target).exists(), target


def test_every_make_target_is_documented_and_phony() -> None:
    makefile = _text("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert targets == set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    assert {"install", "run", "test", "check", "bench", "corpus"} <= targets


def test_our_own_publiccode_file_is_valid() -> None:
    text = _text("publiccode.yml")
    published = yaml.safe_load(text)
    raw = RawItem(
        key="own",
        format="publiccode",
        payload=text.encode(),
        url=published["url"],
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        context={"repository": published["url"]},
    )
    reading = read(raw)
    assert reading.outcome is Outcome.READ
    assert reading.issues == ()
    assert reading.records[0].fields.name == "Civic Harvester"
    assert set(reading.records[0].fields.short_description) == {"en", "fr"}
    assert published["softwareVersion"] == __version__ == _setup()["metadata"]["version"]
    assert published["legal"]["license"] == _setup()["metadata"]["license"]


def test_the_changelog_tells_of_this_version() -> None:
    assert re.search(rf"^## (Unreleased|.*\b{re.escape(__version__)}\b)", _text("CHANGELOG.md"), re.MULTILINE)


# containers


def test_compose_runs_web_worker_and_scheduler_with_their_servers() -> None:
    services = yaml.safe_load(_text("compose.yaml"))["services"]
    assert set(services) == {"web", "worker", "scheduler", "database", "search"}
    named = images({})
    assert named["POSTGRES_IMAGE"].startswith("postgres:")
    assert re.search(r"/elasticsearch:9\.4\.\d+$", named["ELASTICSEARCH_IMAGE"])
    assert {services[name]["image"].partition(":-")[0] for name in ("database", "search")} == {
        "${POSTGRES_IMAGE",
        "${ELASTICSEARCH_IMAGE",
    }
    variables = {f"HARVESTER_{name.upper()}" for name in Settings.model_fields}
    for name, command in (("web", "serve"), ("worker", "worker"), ("scheduler", "scheduler")):
        service = services[name]
        assert service["command"] == [command]
        assert command in cli.commands
        assert service["build"]["context"] == "."
        assert set(service["environment"]) <= variables
        assert service["environment"]["HARVESTER_DATABASE"].startswith("postgresql+psycopg://")
        assert service["environment"]["HARVESTER_INDEX"].endswith("@search:9200")
        assert set(service["depends_on"]) == {"database", "search"}
        assert all(condition == {"condition": "service_healthy"} for condition in service["depends_on"].values())
    assert all("healthcheck" in services[name] for name in ("database", "search"))
    assert services["worker"]["deploy"]["replicas"] == 2
    assert not {"container_name", "ports", "hostname"} & set(services["worker"]), "what there can be but one of"


def test_compose_publishes_no_port_but_the_pages_on_loopback() -> None:
    services = yaml.safe_load(_text("compose.yaml"))["services"]
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_compose_confines_each_service_to_what_it_needs() -> None:
    composed = yaml.safe_load(_text("compose.yaml"))
    services, networks = composed["services"], composed["networks"]
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"pids_limit", "mem_limit", "cpus"} <= set(service), name
        assert service.get("read_only") is True or name == "search", name  # which writes its keystore beside its code
        assert "privileged" not in service, name
    assert {name for name, service in services.items() if "cap_add" in service} == {"database"}
    tokens = {name: {key for key in service["environment"] if "TOKEN" in key} for name, service in services.items()}
    assert {name: keys for name, keys in tokens.items() if keys} == {
        "worker": {"HARVESTER_GITHUB_TOKEN"},
        "web": {"HARVESTER_METRICS_TOKEN"},
    }
    told = {name for name, service in services.items() if "HARVESTER_LOG_FORMAT" in service["environment"]}
    assert told == {"web", "worker", "scheduler"}
    assert all(networks[name]["internal"] for name in ("database", "search"))
    assert services["database"]["networks"] == ["database"]
    assert services["search"]["networks"] == ["search"]
    asked = services["search"]["environment"]
    assert asked["xpack.security.enabled"] == "true"
    assert "ELASTIC_PASSWORD" in asked


def test_an_image_that_no_digest_names_is_told_and_one_is_handed_in() -> None:
    named = images({})
    assert set(named) == {"PYTHON_IMAGE", "POSTGRES_IMAGE", "ELASTICSEARCH_IMAGE"}
    assert not re.findall(r"^FROM (?!\$\{PYTHON_IMAGE\})", _text("Dockerfile"), re.MULTILINE)
    composed = yaml.safe_load(_text("compose.yaml"))["services"]["web"]["build"]["args"]
    assert composed == {"PYTHON_IMAGE": f"${{PYTHON_IMAGE:-{named['PYTHON_IMAGE']}}}"}
    pinned = f"postgres:17@sha256:{'a' * 64}"
    handed = images({"POSTGRES_IMAGE": pinned})
    assert handed["POSTGRES_IMAGE"] == pinned
    assert set(unpinned(handed)) == {name for name in named if "@sha256:" not in named[name]} - {"POSTGRES_IMAGE"}
    assert unpinned({"X_IMAGE": "postgres@sha256:short"})


def test_compose_holds_no_secret() -> None:
    services = yaml.safe_load(_text("compose.yaml"))["services"]
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|TOKEN|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", value), name


def _copied() -> list[str]:
    """What the image's first stage takes from the checkout."""
    stage = _text("Dockerfile").split("\nFROM ")[-2]
    return [word for line in re.findall(r"^COPY (?!--)(.*)$", stage, re.MULTILINE) for word in line.split()[:-1]]


def test_the_image_takes_every_package_but_the_demo() -> None:
    setup = _setup()
    packages = {line.strip().rstrip("*") for line in setup["options.packages.find"]["include"].split() if line}
    modules = {f"{name}.py" for name in setup["options"]["py_modules"].split()}
    documents = {*setup["metadata"]["license_files"].split(), "README.md", "setup.cfg", "pyproject.toml"}
    assert set(_copied()) == packages | modules | documents | {"requirements.txt"}
    ignored = set(_text(".dockerignore").split())
    assert {".git", ".venv", "data", "demo", "simulators", "tools", "tests"} <= ignored
    assert ignored.isdisjoint(_copied())


def test_the_image_runs_as_nobody_special_and_is_asked_for_its_health() -> None:
    last = _text("Dockerfile").split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root)\w+$", last, re.MULTILINE)
    assert "/healthz" in last
    assert 'ENTRYPOINT ["harvester"]' in last
    assert re.search(r'^CMD \["(\w+)"\]', last, re.MULTILINE)[1] in cli.commands


COMMITTED_AT = "1767225600"  # seconds, as git tells it


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the image would install."""
    return _built(tmp_path_factory)


def _built(tmp_path_factory: pytest.TempPathFactory, *, written_at: int | None = None) -> Path:
    """A wheel of exactly the files that the image copies, which were written now or at a time (seconds)."""
    source, target = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in _copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    if written_at is not None:
        for path in source.rglob("*"):
            os.utime(path, (written_at, written_at))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q"]
    told = {**os.environ, "SOURCE_DATE_EPOCH": COMMITTED_AT}
    try:
        subprocess.run([*command, "-w", target, source], check=True, capture_output=True, timeout=60, env=told)
    except subprocess.TimeoutExpired:
        pytest.skip("a wheel takes more than a minute here")
    return next(target.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for name in _copied()
        if (ROOT / name).is_dir()
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - held == set()
    kinds = ("templates/", "static/", "locale/", "migrations/versions/", "normalize/data/", "assess/data/")
    assert all(any(kind in name for name in held) for kind in kinds)
    assert "index_mappings/software.json" in held
    assert "scheduler.py" in held
    assert not any(name.startswith(("demo", "simulators", "tools", "tests", "benchmarks")) for name in held)
    assert "harvester/sbom.cdx.json" in held
    assert {name.rpartition("/")[2] for name in held if ".dist-info/licenses/" in name} == {"LICENSE", "NOTICE"}


def test_the_list_of_components_is_that_of_the_locked_requirements() -> None:
    assert _text("harvester/sbom.cdx.json") == sbom.bill(), "python -m tools.sbom > harvester/sbom.cdx.json"
    told = json.loads(_text("harvester/sbom.cdx.json"))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
    assert {"scrapy", "sqlalchemy", "fastapi"} <= {component["name"] for component in told["components"]}
    assert all(component["version"] and "@" in component["purl"] for component in told["components"])


def test_the_notice_names_the_data_of_others_with_their_terms() -> None:
    notice = _text("NOTICE")
    paths = re.findall(r"harvester/\w+/data/[\w.]+", notice)
    assert {"ipa_codes.txt", "oembed.txt"} <= {path.rpartition("/")[2] for path in paths}
    assert all((ROOT / path).is_file() for path in paths)
    assert "CC BY 4.0" in notice
    assert "Copyright (c) 2016" in notice


def test_the_workflow_runs_what_the_checkout_says() -> None:
    jobs = yaml.safe_load(_text(".github/workflows/ci.yml"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"]]
    assert ".ci/run" in commands
    assert "make audit" in commands
    assert not any("uses" in step for job in jobs.values() for step in job["steps"]), "nobody else's code"


def test_the_wheel_is_the_same_twice_and_lists_what_is_in_it(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = _built(tmp_path_factory, written_at=1_000_000_000)
    assert again.name == wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()
    with zipfile.ZipFile(wheel) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        listed = {name: digest for name, digest, _ in csv.reader(io.StringIO(archive.read(record).decode()))}
        assert set(listed) == set(archive.namelist())
        for name in listed.keys() - {record}:
            digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).decode().rstrip("=")
            assert listed[name] == f"sha256={digest}"


def test_make_builds_the_wheel_of_a_commit_and_lists_it() -> None:
    rule = _text("Makefile").partition("\nwheel:")[2].partition("\n\n")[0]
    assert "SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)" in rule
    assert "umask 022" in rule
    assert "zipfile -l" in rule


@pytest.mark.parametrize("flipped", [False, True])
def test_what_is_installed_is_what_was_locked(wheel: Path, tmp_path: Path, *, flipped: bool) -> None:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    locked = digest[:-1] + ("0" if digest[-1] != "0" else "1") if flipped else digest
    name, version, *_ = wheel.name.split("-")
    (tmp_path / "requirements.txt").write_text(f"{name}=={version} --hash=sha256:{locked}\n")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "-q", "--require-hashes"]
    given = ["--find-links", wheel.parent, "--target", tmp_path / "installed", "-r", tmp_path / "requirements.txt"]
    done = subprocess.run([*command, *given], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode != 0) == flipped, done.stderr
    assert (tmp_path / "installed" / "harvester").is_dir() != flipped
    assert ("DO NOT MATCH THE HASHES" in done.stderr) == flipped


def test_every_way_to_install_asks_for_hashes() -> None:
    for name in ("Makefile", "Dockerfile"):
        rules = re.sub(r"\\\n\s*", "", _text(name)).splitlines()
        installing = [rule for rule in rules if "pip install" in rule and " -r " in rule]
        assert installing
        assert all("--require-hashes" in rule for rule in installing), name


def test_what_the_wheel_installs_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import sys, harvester; from pathlib import Path\n"
        "assert Path(harvester.__file__).is_relative_to(sys.path[0]), harvester.__file__\n"
        "sys.argv = ['harvester', 'sources', 'kinds', '--json']\n"
        "import harvester.catalogue as c; c.Catalogue.open('sqlite:///' + sys.path[0] + '/x.sqlite').close()\n"
        "import harvester.web.app, harvester.search\n"
        "from harvester.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r})\n{code}"],
        cwd=tmp_path,
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "html_page" in done.stdout


# requirements


def _locked(name: str) -> dict[str, tuple[Requirement, int]]:
    """Each locked requirement with the number of its hashes."""
    joined = re.sub(r"\\\n\s*", "", _text(name))
    lines = [line for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")]
    found: dict[str, tuple[Requirement, int]] = {}
    for line in lines:
        requirement = Requirement(line.split(" --hash=")[0].strip())
        found[canonicalize_name(requirement.name)] = requirement, line.count("--hash=sha256:")
    return found


def _asked(section: str, key: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in _setup()[section][key].splitlines())
    return [Requirement(line) for line in lines if line]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_requirement_is_locked_to_a_version_and_hashes(name: str) -> None:
    locked = _locked(name)
    assert len(locked) > 40
    for requirement, hashes in locked.values():
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), requirement
        assert hashes >= 1, requirement
    assert not re.search(r"^\s*-(i|-(extra-)?index-url|-find-links|-trusted-host)", _text(name), re.MULTILINE)


def test_what_is_asked_for_is_what_is_locked() -> None:
    run, test = _locked("requirements.txt"), _locked("requirements-test.txt")
    for requirement in _asked("options", "install_requires"):
        locked = run[canonicalize_name(requirement.name)][0]
        assert requirement.specifier.contains(str(locked.specifier)[2:], prereleases=True), requirement
    for requirement in _asked("options.extras_require", "test"):
        locked = test[canonicalize_name(requirement.name)][0]
        assert requirement.specifier.contains(str(locked.specifier)[2:], prereleases=True), requirement
    assert {name: str(found[0].specifier) for name, found in run.items()} == {
        name: str(test[name][0].specifier) for name in run
    }


# what no file may hold


def _holding(files: list[Path], pattern: str) -> list[str]:
    wanted = re.compile(pattern)
    found: list[Any] = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if wanted.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_file_names_a_package_registry(files: list[Path]) -> None:
    hosts = (
        r"pypi\.o" "rg",
        r"pythonhosted\.o" "rg",
        r"npmjs\.(o" "rg|com)",
        r"crates\.i" "o",
        r"maven\.o" "rg/",
        r"rubygems\.o" "rg",
    )
    assert _holding(files, "|".join(hosts)) == []


def test_no_file_holds_a_path_of_one_machine(files: list[Path]) -> None:
    assert _holding(files, r"(?<![\w./-])/(wo" r"rk|ho" r"me/\w|ro" r"ot|Us" r"ers)/") == []


def test_no_file_holds_an_address_of_a_person(files: list[Path]) -> None:
    reserved = r"[\w.-]*\b(example|test|invalid|localhost)\b"
    address = rf"(?<!//)(?<![\w.+:-])(?!git@)[\w.+-]+@(?!{reserved})[\w-]+(\.[\w-]+)*\.[a-z]{{2,}}\b"
    assert _holding(files, address) == []


def test_modules_are_short(files: list[Path]) -> None:
    modules = [path for path in files if path.suffix == ".py" and "tests" not in path.relative_to(ROOT).parts]
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert len(lines) > 100
    assert [name for name, count in lines.items() if count >= MOST_LINES] == []


def test_tests_of_a_group_go_to_one_worker(request: pytest.FixtureRequest) -> None:
    """xdist reads a group from the test's id: where it cannot write there, each worker makes each set-up."""
    assert "PYTEST_XDIST_WORKER" not in os.environ or request.node.nodeid.endswith("@wheel")
