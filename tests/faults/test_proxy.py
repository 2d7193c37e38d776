"""The proxy forwards, is slow, stands still one way or both, and resets."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import ClassVar

import pytest

from tests.faults.proxy import Proxy

LIMIT_S, STILL_S = 20.0, 0.3


class Echo(socketserver.BaseRequestHandler):
    """Gives back what it is sent, and remembers it."""

    heard: ClassVar[bytearray] = bytearray()

    def handle(self) -> None:
        while chunk := self.request.recv(1024):
            self.heard.extend(chunk)
            self.request.sendall(chunk)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    Echo.heard.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with closing(Proxy()) as made:
            made.target = f"127.0.0.1:{server.server_address[1]}"
            yield made
        server.shutdown()
        thread.join()


@contextmanager
def _connected(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), LIMIT_S) as client:
        yield client


def _silent(client: socket.socket) -> bool:
    client.settimeout(STILL_S)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(LIMIT_S)
    return False


def test_bytes_pass_both_ways(proxy: Proxy) -> None:
    with _connected(proxy) as client:
        client.sendall(b"there")
        assert client.recv(16) == b"there"


@pytest.mark.parametrize(("up", "down"), [(True, True), (True, False), (False, True)])
def test_a_cut_way_stands_still_and_then_goes_on(proxy: Proxy, *, up: bool, down: bool) -> None:
    with _connected(proxy) as client:
        proxy.cut(up=up, down=down)
        client.sendall(b"x")
        assert _silent(client)
        assert bytes(Echo.heard) == (b"" if up else b"x")
        proxy.mend()
        assert client.recv(16) == b"x"


def test_a_slow_line_holds_back_and_loses_nothing(proxy: Proxy) -> None:
    proxy.slow(0.5, bytes_per_s=1_000_000)
    with _connected(proxy) as client:
        client.sendall(b"late")
        assert _silent(client)
        assert client.recv(16) == b"late"


def test_a_reset_ends_connections_and_takes_new_ones(proxy: Proxy) -> None:
    with _connected(proxy) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        proxy.drop()
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    test_bytes_pass_both_ways(proxy)


def test_nobody_behind_it_is_a_connection_that_ends(proxy: Proxy) -> None:
    proxy.target = "127.0.0.1:1"
    with _connected(proxy) as client, suppress(ConnectionResetError):
        assert client.recv(1) == b""
