"""What goes over Kafka, as AsyncAPI 3.0: made from the rows of topics and the JSON Schemas.

`schemas/asyncapi.yaml` is this document (`python -m tests.tools.write_schemas` writes it, and
it lies beside `json/`, whose files it names). An internal topic is listed with nothing said of
its values: they may change with any version.
"""

from __future__ import annotations

import json
from typing import Any

from schemas.export import OLDER, files
from schemas.topics import PARTITIONS, TOPICS, Topic
from schemas.vocabulary import VOCABULARY

Part = dict[str, Any]

FORMAT = "application/schema+json;version=2020-12"
TITLES = {"en": "Vouchline on Kafka", "fr": "Vouchline sur Kafka"}
_COMPACTED = " A null value says that there is nothing of this key any more."


def document() -> Part:
    """The whole of it: servers, a channel for each topic, and who sends and receives there."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": TITLES["en"],
            "version": "1.0.0",
            "description": "Events of contact centres, what is known of each contact, and live "
            "figures. Delivery is at least once: a value may come twice. On compacted topics one "
            "replaces what had its key: of two records the one of the higher revision is true, of "
            "two intervals the one of the later as_of.",
            "x-title-fr": TITLES["fr"],
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {row.name: _channel(row) for row in TOPICS.values()},
        "operations": {
            f"{role}.{action}.{row.name}": _operation(row, role, action)
            for row in TOPICS.values()
            for action, roles in (("send", row.owners), ("receive", row.readers))
            for role in roles
        },
        "components": {
            "messages": _payloads(),
            "securitySchemes": {
                "scram": {"type": "scramSha512", "description": "One user for each role."}
            },
        },
    }


def names_of(row: Topic) -> tuple[str, ...]:
    """The schemas of a public topic's values: files of `json/`, without their ending."""
    if row.schemas != ("events",):
        return row.schemas
    known = (f"{kind.name}.v{kind.version}" for kind in (*VOCABULARY.values(), *OLDER))
    return (*sorted(known), "event")


def _public() -> dict[str, Topic]:
    """The topic of every schema."""
    rows = [row for row in TOPICS.values() if row.public]
    return {name: row for row in rows for name in names_of(row)}


def _servers() -> Part:
    return {
        "production": {
            "host": "{broker}",
            "protocol": "kafka-secure",
            "description": "TLS, and SASL with SCRAM-SHA-512.",
            "variables": {"broker": {"description": "host:port of any broker"}},
            "security": [{"$ref": "#/components/securitySchemes/scram"}],
        },
        "development": {
            "host": "{broker}",
            "protocol": "kafka",
            "description": "A broker on one machine, where nothing real goes over it.",
            "variables": {"broker": {"description": "host:port, as deploy/kafka/broker.py says"}},
        },
    }


def _channel(row: Topic) -> Part:
    return {
        "address": row.name,
        "title": row.name,
        "summary": row.en,
        "description": f"Key: {row.key}.{_COMPACTED if 'compact' in row.cleanup else ''}",
        "messages": _messages(row),
        "bindings": {
            "kafka": {
                "topic": row.name,
                "partitions": row.partitions or PARTITIONS,
                "topicConfiguration": _configuration(row),
                "bindingVersion": "0.5.0",
            }
        },
        "x-summary-fr": row.fr,
        "x-public": row.public,
    }


def _messages(row: Topic) -> Part:
    if row.public:
        return {name: {"$ref": f"#/components/messages/{name}"} for name in names_of(row)}
    return {
        name: {"name": name, "summary": "Internal; may change with any version."}
        for name in row.schemas
    }


def _configuration(row: Topic) -> Part:
    """The settings of the topic, in the types of the binding."""
    config: Part = {**row.config, "cleanup.policy": row.cleanup.split(",")}
    numbers = ("retention.ms", "retention.bytes", "segment.bytes")
    return config | {name: int(config[name]) for name in numbers if name in config}


def _payloads() -> Part:
    texts = files()
    return {
        name: _message(name, row, json.loads(texts[f"{name}.json"]))
        for name, row in _public().items()
    }


def _message(name: str, row: Topic, schema: Part) -> Part:
    """A message whose payload is a file of `json/`, and whose key is that of its topic."""
    key = {"type": "string", "description": row.key}
    return {
        "name": name,
        "title": schema["title"],
        "summary": schema["description"].partition("\n")[0],
        "contentType": "application/json",
        "payload": {"schemaFormat": FORMAT, "schema": {"$ref": f"./json/{name}.json"}},
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }


def _operation(row: Topic, role: str, action: str) -> Part:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{row.name}"},
        "summary": f"{role}: {row.en}",
    }
