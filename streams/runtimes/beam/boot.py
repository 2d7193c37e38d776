"""Begins one Python worker: the part that Beam's `boot` binary plays in its containers.

Beam's wheel has no such binary, and a machine that has this package needs none of the rest it
does (fetching and installing what a job brings along). Flink starts it (`environment_type
PROCESS`) with the addresses of its services; options come from the provision service.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser

import grpc  # type: ignore[import-untyped]
from apache_beam.portability.api import beam_provision_api_pb2 as messages
from apache_beam.portability.api import beam_provision_api_pb2_grpc as service
from apache_beam.runners.worker.worker_id_interceptor import WorkerIdInterceptor
from google.protobuf import json_format  # type: ignore[import-untyped]

_SOON_S = 60
_WORKER = "apache_beam.runners.worker.sdk_worker_main"


def environment(
    worker: str, provision: str, logging: str | None, control: str | None
) -> dict[str, str]:
    """What Beam's worker reads from its environment, asked of the provision service."""
    with grpc.insecure_channel(provision) as channel:
        known = grpc.intercept_channel(channel, WorkerIdInterceptor(worker))
        stub = service.ProvisionServiceStub(known)
        info = stub.GetProvisionInfo(messages.GetProvisionInfoRequest(), timeout=_SOON_S).info
    return {
        "WORKER_ID": worker,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "SEMI_PERSISTENT_DIRECTORY": "",  # nothing is staged
        "LOGGING_API_SERVICE_DESCRIPTOR": f'url: "{logging or info.logging_endpoint.url}"',
        "CONTROL_API_SERVICE_DESCRIPTOR": f'url: "{control or info.control_endpoint.url}"',
    }


def main() -> None:
    """Become the worker."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--id", required=True)
    parser.add_argument("--provision_endpoint", required=True)
    parser.add_argument("--logging_endpoint")
    parser.add_argument("--control_endpoint")
    args, _ = parser.parse_known_args()
    told = environment(
        args.id, args.provision_endpoint, args.logging_endpoint, args.control_endpoint
    )
    os.execve(sys.executable, [sys.executable, "-m", _WORKER], {**os.environ, **told})


if __name__ == "__main__":
    main()
