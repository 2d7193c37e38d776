"""`POST /events`: read a body within its limits, judge it, store it, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_exceptions import HttpProcessingError

from schemas.errors import Retry
from streams.gateway.access import Access
from streams.gateway.answers import refusal, report
from streams.gateway.intake import Judged, TooMany, Unsupported, judge
from streams.gateway.ports import Metrics
from streams.gateway.settings import Gateway
from streams.gateway.writer import Broken, Parcel, Writer


class Door:
    """Takes events from producers; one for each application."""

    def __init__(
        self,
        settings: Gateway,
        access: Access,
        writer: Writer,
        clock: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._settings, self._access, self._writer = settings, access, writer
        self._clock, self._metrics = clock, metrics
        self._reading = 0

    async def expect(self, request: web.Request) -> web.StreamResponse | None:
        """A producer that asks first (`Expect: 100-continue`) need not send what is refused."""
        if request.headers.get("Expect", "").lower() != "100-continue":
            return refusal(417, "only 100-continue is understood")
        if refused := self._refused(request):
            return refused
        if request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None

    async def take(self, request: web.Request) -> web.Response:
        """Answered only when durable; see `answers.report` for what the codes mean."""
        if refused := self._refused(request):
            return refused
        self._reading += 1
        try:
            body = await self._read(request)
            if isinstance(body, web.Response):
                return body
            return await self._judged(request, body)
        finally:
            self._reading -= 1

    def _refused(self, request: web.Request) -> web.Response | None:
        """What can be said before the body is read."""
        producer = self._producer(request)
        if producer is None:
            return refusal(401, "a known bearer token is needed")
        if wait := self._access.wait_ms(producer, self._clock()):
            return refusal(429, "more events than the rate allows", after_s=-(-wait // 1000))
        if (request.content_length or 0) > self._settings.body_bytes:
            return self._too_long()
        if self._reading >= self._settings.requests_at_once:
            return refusal(503, "too many requests at once", after_s=self._settings.retry_after_s)
        return None

    def _producer(self, request: web.Request) -> str | None:
        return self._access.producer(request.headers.get("Authorization", ""))

    def _too_long(self) -> web.Response:
        answer = refusal(413, f"the body is longer than {self._settings.body_bytes} bytes")
        answer.force_close()
        return answer

    async def _read(self, request: web.Request) -> bytes | web.Response:
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._too_long()
        except TimeoutError:
            words = f"the body did not arrive within {self._settings.body_seconds} s"
            answer = refusal(408, words)
        except (ClientPayloadError, HttpProcessingError, web.RequestPayloadError) as error:
            answer = refusal(400, f"the body cannot be read: {error}")
        answer.force_close()
        return answer

    async def _judged(self, request: web.Request, body: bytes) -> web.Response:
        headers, now = list(request.headers.items()), self._clock()
        most, longest = self._settings.batch_events, self._settings.event_bytes
        try:
            judged = judge(headers, body, now, most=most, longest=longest)
        except Unsupported as error:
            return refusal(415, str(error))
        except TooMany as error:
            self._metrics.rejected("too_many", 1)
            return refusal(413, str(error))
        producer = self._producer(request) or ""
        self._access.spend(producer, len(judged.good) + len(judged.bad), now)
        letters = [bad.letter(now, producer) for bad in judged.bad]
        return await self._stored(judged, Parcel(judged.good, letters))

    async def _stored(self, judged: Judged, parcel: Parcel) -> web.Response:
        try:
            await self._writer.store(parcel)
        except Retry as error:
            self._metrics.rejected("not_durable", len(judged.good) + len(judged.bad))
            words = f"nothing is acknowledged, send it again later: {error}"
            return refusal(503, words, after_s=self._settings.retry_after_s)
        except Broken as error:
            self._metrics.rejected("not_durable", len(judged.good) + len(judged.bad))
            return refusal(500, f"intake has stopped: {error}")
        self._metrics.accepted(len(judged.good))
        if judged.bad:
            self._metrics.rejected(
                "unreadable" if judged.unreadable else "invalid", len(judged.bad)
            )
        return report(judged)
