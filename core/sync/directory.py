"""Keys of other stations, as headquarters tells them in its streams."""

from __future__ import annotations

from core.domain.shared_state import KeptEntry, StationDevice
from core.kernel.records import from_plain
from core.sync.entries import Entry, decode
from core.sync.hq_pen import KEPT
from core.sync.judge import GOOD, judge
from core.sync.runs import CheckedRun
from core.sync.streams import is_hq

FAMILY = "station_device"


def keys_in(run: CheckedRun) -> dict[str, bytes]:
    """Return device to public key for the stations that headquarters tells of in one of its own runs.

    What it told before a restore and took in again counts too: the chains of those stations stand behind it.
    """
    if not is_hq(run.header.device):
        return {}
    devices = (
        from_plain(StationDevice, entry.body)
        for entry in map(_opened, run.entries)
        if entry.fam == FAMILY and entry.op == "put" and judge(entry, by_hq=True) == GOOD
    )
    return {device.id: bytes.fromhex(device.public) for device in devices}


def _opened(entry: Entry) -> Entry:
    if entry.fam != KEPT or entry.op != "put" or judge(entry, by_hq=True) != GOOD:
        return entry
    kept = from_plain(KeptEntry, entry.body)
    return decode(kept.line.encode()) if is_hq(kept.device) else entry
