"""What Kafka's errors ask of us: try again, or have a person look."""

from __future__ import annotations

from confluent_kafka import KafkaError

from schemas.errors import Retry, Stop
from streams.kafka.settings import Kafka

# A broker that has just come back has not heard of all topics yet.
_UNKNOWN = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
}
_SILENT = {KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}
# Everything else may pass by itself: brokers and their leaders come back.
_LASTING = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "this user may not use the topic (ACL)",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "this user may not use the consumer group (ACL)",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: (
        "this user may not use transactions of that name (ACL)"
    ),
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: (
        "this user may not do that to the brokers, or may write to no topic at all (ACL)"
    ),
    KafkaError.SECURITY_DISABLED: "the brokers have no ACLs (no authorizer)",
    KafkaError.SASL_AUTHENTICATION_FAILED: "user or password is wrong",
    KafkaError._AUTHENTICATION: "user or password is wrong",
    KafkaError._SSL: "the connection cannot be encrypted",
    KafkaError.UNSUPPORTED_SASL_MECHANISM: "the brokers do not take SCRAM-SHA-512",
    KafkaError.UNSUPPORTED_VERSION: "the brokers are too old",
    KafkaError.TOPIC_EXCEPTION: "there can be no topic of that name",
    KafkaError.OFFSET_OUT_OF_RANGE: "what was asked for is not kept any more",
    KafkaError._AUTO_OFFSET_RESET: "what was asked for is not kept any more",
    KafkaError.MSG_SIZE_TOO_LARGE: "a message is larger than the brokers allow",
    KafkaError.INVALID_RECORD: "a message without what its topic demands, such as a key",
    KafkaError.INVALID_SESSION_TIMEOUT: "the brokers do not allow a session_s of that size",
    KafkaError.INCONSISTENT_GROUP_PROTOCOL: "others in the group divide partitions another way",
    KafkaError.INVALID_CONFIG: "the brokers refuse a setting",
    KafkaError.POLICY_VIOLATION: "the brokers' policy forbids it",
}


def fault(error: KafkaError, what: str) -> Retry | Stop:
    """An error of Kafka as one of ours, to be raised; `what` begins the words."""
    if (meant := _LASTING.get(error.code())) is not None:
        return Stop(f"{what}: {meant} ({error.str()})")
    if error.code() in _UNKNOWN:
        return Retry(f"{what}: there is no such topic or partition just now ({error.str()})")
    if error.code() in _SILENT:
        return Retry(f"{what}: the brokers do not answer ({error.str()})")
    return Retry(f"{what}: {error.str()}")


def refusal(error: KafkaError, kafka: Kafka) -> Stop | None:
    """Why we are not let in, or will not go in; None where waiting may help."""
    if error.code() == KafkaError._AUTHENTICATION:
        return Stop(f"the brokers refuse kafka.username {kafka.username!r} or its password")
    if error.code() != KafkaError._SSL:
        return None
    if "certificate verify failed" in error.str():
        why = "made by another authority, out of date, or of another host"
        return Stop(f"the brokers' certificate does not stand up to kafka.ca, {kafka.ca}: {why}")
    return Stop(f"the connection cannot be encrypted: {error.str()}")


def away(seen: list[KafkaError], kafka: Kafka) -> Retry:
    """No broker was reached, whatever was seen meanwhile."""
    causes = [error.str() for error in seen if error.code() != KafkaError._ALL_BROKERS_DOWN]
    why = causes[-1] if causes else "none answers"
    # A broker that wants more than it is shown closes the connection without a word.
    without = [
        words
        for missing, words in ((not kafka.ca, "TLS"), (not kafka.username, "a user and password"))
        if missing
    ]
    hint = f"; one that wants {' or '.join(without)} does not answer" if without else ""
    return Retry(f"no broker can be reached at {', '.join(kafka.brokers)}: {why}{hint}")
