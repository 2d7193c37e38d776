"""What the transport asks of whoever keeps the state of the partitions."""

from __future__ import annotations

from typing import Protocol


class Batches(Protocol):
    """Keeps what the agents make of the rows, and knows from where to read.

    Awaited in the loop of the application, of one partition one after the other. After an error,
    of the application or of these, none of them is called any more: what was not saved is void.
    """

    async def assigned(self, partition: int) -> int | None:
        """The partition is ours; the offset to read it from.

        None: it was given up before it could be opened, and `revoked` does not follow.
        """
        ...

    def leaving(self, partitions: set[int]) -> None:
        """The partitions are to be given up: what cannot be done now is others' to do.

        `revoked` follows, once no agent works on them and none is being opened. Until then
        neither must wait for anything that may not come: others wait for them.
        """
        ...

    async def revoked(self, partitions: set[int]) -> None:
        """No agent works on them any more; they go to others when this returns.

        Where the group took them without asking (this worker was not heard of for too long),
        another may work on them already.
        """
        ...

    async def missing(self, partition: int, first: int) -> int:
        """What comes next is no longer held, `first` is; the offset to go on from.

        All that was read of the partition before is done.
        """
        ...
