"""`bench scan`: the decoder chain against each decoder alone, on the same damaged frames."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from core.cli.bench.figures import Result, at_least, at_most, interleaved, machine, median, rounded, settle, share
from core.cli.bench.pictures import Frame, frames
from core.cli.bench.setting import Setting
from core.codes.decode import decode_pixels, installed_decoders

FRAME_MS = 15
ROUNDS = 3

Read = Callable[[Any], tuple[str, ...]]


def run(setting: Setting) -> Result:
    """Decode every frame with the chain and with each decoder alone, in turn."""
    readers: dict[str, Read] = {"chain": _by_chain, **_alone(installed_decoders())}
    pictures = tuple(frames())
    if setting.is_quick:
        pictures = pictures[:4]
    taken: dict[str, list[float]] = {name: [] for name in readers}
    read: dict[str, int] = {}
    for frame in pictures:
        found = {name: reader(frame.pixels) for name, reader in readers.items()}
        for name, texts in found.items():
            read[name] = read.get(name, 0) + (texts == (frame.text,))
        settle()
        rounds = interleaved(ROUNDS, *(_call(reader, frame) for reader in readers.values()))
        for name, samples in zip(readers, rounds, strict=True):
            taken[name].append(median(samples) * 1000)
    rates = {name: count / len(pictures) for name, count in read.items()}
    alone = [name for name in readers if name != "chain"]
    best = max(alone, key=lambda name: (rates[name], -median(taken[name])))
    middle = median(taken["chain"])
    return Result(
        bench="scan",
        rows=len(pictures),
        figure=rounded(middle),
        unit="ms",
        baseline=rounded(median(taken[best])),
        ratio=rounded(rates["chain"] / rates[best]),
        runs=len(pictures) * ROUNDS,
        machine=machine(),
        what=f"one frame of 1280 x 720 through the chain, which reads {rates['chain']:.0%} of them",
        baseline_what=f"{best} alone on the same frames, which reads {rates[best]:.0%}",
        ratio_means="times the rate of the baseline",
        lowest=rounded(min(taken["chain"])),
        highest=rounded(max(taken["chain"])),
        aims=(
            at_least("rate against the best single decoder", rates["chain"] / rates[best], 1),
            at_most("median ms a frame", middle, FRAME_MS),
        ),
        details={f"{name} reads": f"{rate:.0%}" for name, rate in rates.items()}
        | {f"{name} p50 ms": rounded(median(samples)) for name, samples in taken.items()}
        | {f"{name} p95 ms": rounded(share(samples, 95)) for name, samples in taken.items()},
    )


def _call(reader: Read, frame: Frame) -> Callable[[], object]:
    pixels = frame.pixels
    return lambda: reader(pixels)


def _by_chain(grey: Any) -> tuple[str, ...]:
    return tuple(found.text for found in decode_pixels(grey))


def _alone(installed: dict[str, ModuleType]) -> dict[str, Read]:
    readers: dict[str, Read] = {}
    pyzbar, zxing = installed.get("pyzbar"), installed.get("zxing-cpp")
    if pyzbar is not None:
        # Named, as in the chain: zbar's other readers find codes in noise.
        wanted = [pyzbar.ZBarSymbol.QRCODE]
        readers["pyzbar"] = lambda grey: tuple(
            code.data.decode("utf-8", "replace")
            for code in pyzbar.decode((grey.tobytes(), grey.shape[1], grey.shape[0]), symbols=wanted)
        )
    if zxing is not None:
        kinds = zxing.BarcodeFormats([zxing.BarcodeFormat.QRCode])
        readers["zxing-cpp"] = lambda grey: tuple(code.text for code in zxing.read_barcodes(grey, formats=kinds))
    return readers
