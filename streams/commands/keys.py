"""Keys by period: list them, begin a new one early, hold, release or destroy them.

    vouch keys list
    vouch keys rotate                          from the next full hour on, a new key
    vouch keys hold 2026-04-01 --reason "access request 12"
    vouch keys release 2026-04-01
    vouch keys destroy 2026-04-01 --reason "two years have passed"
    vouch keys expire                          destroy those whose retention has passed

A period is named by its beginning. To destroy its keys disposes of what they protect: tokens can
be traced to no number any more, and sealed columns are gone. The archive records it, and its
hashes, and the figures that need no personal column, stay. For how long keys are kept after the
end of their period is said in privacy.toml (`retention_months = 24`); a hold is stronger.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from schemas.errors import DeadLetter
from schemas.instants import HOUR, MINUTE, instant
from sinks.archive.disposal import disposed
from streams.clock import now_ms
from streams.commands.intake import settle
from streams.home import Home
from streams.keyring.keyring import CALLER, SEAL, Keyring, Period
from streams.keyring.keys import OVERLAP, expires_ms, privacy_of

AHEAD = 10 * MINUTE  # more than an event may be ahead of the intake's clock


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("list", "rotate", "expire", *_ON_A_PERIOD))
    parser.add_argument("period", nargs="?", help="its beginning, as `vouch keys list` has it")
    parser.add_argument("--reason", default="", help="why (hold, destroy); it is kept")


def run(args: Namespace) -> int:
    """Do one of them."""
    home = Home(args.data)
    if args.what == "list":
        print("\n".join(_listed(home)))
    elif args.what == "rotate":
        _rotate(home)
    elif args.what == "expire":
        _expire(home, now_ms())
    else:
        if args.what != "release" and not args.reason.strip():
            msg = f"{args.what}: --reason must say why"
            raise DeadLetter(msg)
        _ON_A_PERIOD[args.what](home, home.keyring.named(args.period or ""), args.reason)
    return 0


def _listed(home: Home) -> list[str]:
    periods = home.keyring.periods()
    sealing = "sealed" if privacy_of(home.data).seal else "not sealed (privacy.toml: seal = true)"
    return [
        f"Personal columns of what is archived now are {sealing}.",
        *(f"{period.name:<14} {_said(home.keyring, period)}" for period in periods),
    ]


def _said(keyring: Keyring, period: Period) -> str:
    span = f"{_minute(period.start_ms)} to {_minute(period.end_ms)} UTC"
    if keyring.destroyed(period.name):
        return f"{span}  destroyed"
    kinds = [kind for kind in (CALLER, SEAL) if keyring.found(period.name, kind) is not None]
    held = keyring.held(period.name)
    return f"{span}  {', '.join(kinds) or 'no key yet'}{f'  ON HOLD: {held}' if held else ''}"


def _rotate(home: Home) -> None:
    start = next_start(now_ms())
    with home.keyring.lock():
        period = home.keyring.begin(start)
        home.keyring.key(period.name, CALLER)
    print(f"From {_minute(start)} UTC on, callers' tokens are made with the key of {period.name}.")


def next_start(now: int) -> int:
    """The first full hour of which no event can have been taken in yet, in milliseconds."""
    return -(-(now + AHEAD) // HOUR) * HOUR


def _hold(home: Home, period: Period, reason: str) -> None:
    with home.keyring.lock():
        if period.name in disposed(home.archive):
            msg = f"the keys of {period.name} were destroyed already"
            raise DeadLetter(msg)
        home.keyring.hold(period.name, reason)
    print(f"The keys of {period.name} are on hold.")


def _release(home: Home, period: Period, _reason: str) -> None:
    with home.keyring.lock():
        home.keyring.release(period.name)
    print(f"The keys of {period.name} are on hold no more.")


def _destroy(home: Home, period: Period, reason: str) -> None:
    now = now_ms()
    with home.lock(), home.keyring.lock():  # the former ends what was interrupted
        if home.keyring.destroyed(period.name):
            print(f"The keys of {period.name} are destroyed already.")
            return
        if (held := home.keyring.held(period.name)) is not None:
            msg = f"the keys of {period.name} are on hold: {held}"
            raise DeadLetter(msg)
        if period.name not in {kept.name for kept in home.keyring.periods()}:
            msg = f"there are no keys of {period.name}: nothing was sealed or hashed then"
            raise DeadLetter(msg)
        if now < period.end_ms + OVERLAP:
            until = _minute(period.end_ms + OVERLAP)
            msg = f"the keys of {period.name} are in use until {until} UTC"
            raise DeadLetter(msg)
        settle(home)  # so that the log holds nothing of what is to go
        home.dispose(period.name, reason, now)
    print(f"The keys of {period.name} are destroyed, and what they protected is disposed of.")


def _expire(home: Home, now: int) -> None:
    months = privacy_of(home.data).retention_months
    if months is None:
        print("privacy.toml does not say for how long keys are kept (retention_months = N).")
        print("Nothing was destroyed.")
        return
    with home.lock(), home.keyring.lock():
        due = [period for period in _left(home) if expires_ms(period, months) <= now]
        free = [period for period in due if home.keyring.held(period.name) is None]
        if free:
            settle(home)  # so that the log holds nothing of what is to go
        for period in free:
            home.dispose(period.name, f"retention of {months} months has passed", now)
    for period in due:
        print(f"{period.name:<14} {_became(home.keyring, period)}")
    print(f"{len(free):,} destroyed, {len(due) - len(free):,} on hold; {months} months are kept.")


def _left(home: Home) -> list[Period]:
    """The periods whose keys were not destroyed."""
    gone = home.keyring.destroyed
    return [period for period in home.keyring.periods() if not gone(period.name)]


def _became(keyring: Keyring, period: Period) -> str:
    held = keyring.held(period.name)
    return f"KEPT, ON HOLD: {held}" if held is not None else "destroyed, disposed of"


def _minute(at_ms: int) -> str:
    return instant(at_ms)[:16].replace("T", " ")


_ON_A_PERIOD = {"hold": _hold, "release": _release, "destroy": _destroy}
