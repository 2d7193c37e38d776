"""The compose file and its image, read as Docker would read them; there is no Docker here."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from deploy.kafka.broker import HERE, template
from streams.commands import run, topics
from streams.process import ROLES
from streams.settings import settings_in

DEPLOY = HERE.parent
ROOT = DEPLOY.parent
SAFE = {  # what an acknowledged event rests on
    "default.replication.factor",
    "min.insync.replicas",
    "unclean.leader.election.enable",
    "auto.create.topics.enable",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return found


@pytest.fixture(scope="module")
def brokers(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if "kafka" in service["image"]}


@pytest.fixture(scope="module")
def ours(services: dict[str, Any], brokers: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if name not in brokers}


def test_its_brokers_are_as_safe_as_those_without_docker(brokers: dict[str, Any]) -> None:
    without = _of(template("node.properties", copies=3, in_sync=2))
    assert without.keys() >= SAFE
    assert without["min.insync.replicas"] == "2"
    assert without["unclean.leader.election.enable"] == "false"
    assert len(brokers) == 3
    for service in brokers.values():
        said = {_property(name): str(value) for name, value in service["environment"].items()}
        assert {name: said[name] for name in SAFE} == {name: without[name] for name in SAFE}


def test_its_brokers_are_one_cluster_of_the_version_of_the_jars(brokers: dict[str, Any]) -> None:
    version = re.search("<kafka.version>(.*)</kafka.version>", (HERE / "pom.xml").read_text())
    assert version is not None
    voters = ",".join(f"{n}@kafka-{n}:9093" for n in (1, 2, 3))
    for number, (name, service) in enumerate(brokers.items(), 1):
        environment = service["environment"]
        assert service["image"] == f"apache/kafka:{version[1]}"
        assert environment["KAFKA_NODE_ID"] == number
        assert environment["KAFKA_ADVERTISED_LISTENERS"] == f"CLIENTS://{name}:9092"
        assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
    assert len({service["environment"]["CLUSTER_ID"] for service in brokers.values()}) == 1
    assert len({str(service["volumes"]) for service in brokers.values()}) == 3


def test_every_role_has_one_service_and_a_command_that_there_is(ours: dict[str, Any]) -> None:
    roles = []
    for name, service in ours.items():
        command, *rest = service["command"]
        parser = ArgumentParser()
        {"run": run, "topics": topics}[command].arguments(parser)
        asked = parser.parse_args(rest)
        if command == "run":
            assert asked.roles == (name,)
            roles.append(name)
            assert service["depends_on"] == {
                "topics": {"condition": "service_completed_successfully"}
            }
    assert sorted(roles) == sorted(ROLES)


def test_nothing_is_to_be_reached_from_elsewhere(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", ())]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_its_settings_are_settings(brokers: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "vouch.toml").write_bytes((DEPLOY / "compose.toml").read_bytes())
    kafka = settings_in(tmp_path).kafka
    assert kafka is not None
    assert kafka.brokers == [f"{name}:9092" for name in brokers]
    assert (kafka.replication, kafka.in_sync) == (3, 2)


def test_our_services_may_do_little(ours: dict[str, Any]) -> None:
    for service in ours.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "./compose.toml:/data/vouch.toml:ro" in service["volumes"]


def test_the_image_is_made_from_the_lock_file_by_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert {*bases} == {"python:3.11-slim"}
    assert "--require-hashes -r requirements.lock" in text
    (user,) = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert user not in {"root", "0"}
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--)(.*)", text, re.MULTILINE)]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists()
        assert f"!{path}" in ignored


def _of(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if line and line[0] != "#")


def _property(name: str) -> str:
    """The property that a variable of the image stands for."""
    return name.removeprefix("KAFKA_").lower().replace("_", ".")
