"""Reads pictures from its standard input with one library, and answers a line for each: `ok`, or what went wrong.

It runs in an environment that has this library and nothing of the product.
"""

import struct
import sys
from typing import Any


def opencv() -> Any:
    import cv2
    import numpy

    def read(data: bytes) -> str:
        image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_REDUCED_COLOR_8)
        return "no picture" if image is None else "ok"

    return read


def skia() -> Any:
    import skia

    def read(data: bytes) -> str:
        codec = skia.Codec.MakeFromData(data)
        if codec is None:
            return "no picture"
        size = codec.getScaledDimensions(0.125)
        info = codec.getInfo().makeWH(size.width(), size.height())
        result = codec.getPixels(info, bytearray(info.computeMinByteSize()), info.minRowBytes())
        return "ok" if result == skia.Codec.Result.kSuccess else str(result)

    return read


def main() -> None:
    read = {"opencv": opencv, "skia": skia}[sys.argv[1]]()
    while head := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
        print(read(data), flush=True)


if __name__ == "__main__":
    main()
