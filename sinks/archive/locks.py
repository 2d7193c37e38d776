"""The lock on sealed columns: AES-256-GCM under keys of the file, and those under a period's key.

This is Parquet modular encryption as PyArrow writes it: every sealed column chunk of a file has
a random key of its own, which lies in the file's footer, wrapped by the key of the period. The
footer itself is in the clear and signed. Without the period's key nothing can be unwrapped.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from secrets import token_bytes
from typing import Any

import pyarrow.parquet.encryption as pe

_NONCE, _TAG = 16, 16  # bytes


class Lock:
    """The key of one period, for writing and for reading. Keep it while a file is open."""

    def __init__(self, period: str, key: bytes) -> None:
        self._period, self._key = period, key
        self._factory = pe.CryptoFactory(lambda _: _Wrapper(key))
        self._connection = pe.KmsConnectionConfig()

    def closing(self, columns: Sequence[str]) -> Any:
        """Encryption properties for a file in which these columns are sealed."""
        return self._factory.file_encryption_properties(
            self._connection,
            pe.EncryptionConfiguration(
                footer_key=self._period,
                column_keys={self._period: list(columns)},
                encryption_algorithm="AES_GCM_V1",
                plaintext_footer=True,
                double_wrapping=False,
                data_key_length_bits=256,
            ),
        )

    def opening(self) -> Any:
        """Decryption properties for a file that this lock has closed."""
        configuration = pe.DecryptionConfiguration()
        return self._factory.file_decryption_properties(self._connection, configuration)


class _Wrapper(pe.KmsClient):  # type: ignore[misc]  # PyArrow has no types
    """Wraps a file's keys by the period's: hidden by a pad from HMAC-SHA-256, then authenticated.

    The pad is made of a nonce that is never used again, and is as long as the longest AES key.
    """

    def __init__(self, key: bytes) -> None:
        pe.KmsClient.__init__(self)
        self._key = key

    def wrap_key(self, key_bytes: bytes, _period: str) -> str:
        """See PyArrow's KmsClient."""
        nonce = token_bytes(_NONCE)
        hidden = self._padded(nonce, key_bytes)
        return b64encode(nonce + hidden + self._tag(nonce + hidden)).decode()

    def unwrap_key(self, wrapped_key: str, _period: str) -> bytes:
        """See PyArrow's KmsClient.

        Raises:
            ValueError: wrapped by another key, or changed since.
        """
        text = b64decode(wrapped_key)
        body, tag = text[:-_TAG], text[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(body)):
            msg = "sealed under another key"
            raise ValueError(msg)
        return self._padded(body[:_NONCE], body[_NONCE:])

    def _padded(self, nonce: bytes, text: bytes) -> bytes:
        pad = hmac.digest(self._key, b"pad" + nonce, "sha256")
        return bytes(a ^ b for a, b in zip(text, pad[: len(text)], strict=True))

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"tag" + body, "sha256")[:_TAG]
