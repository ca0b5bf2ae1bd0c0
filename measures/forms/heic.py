"""Makes a PNG of a HEIC, in a process of its own: the decoder ends the process at some damaged files.

As a program it reads from standard input, the most pixels that are let in being its argument, and imports no Django.
"""

import subprocess
import sys
from io import BytesIO

from pi_heif import register_heif_opener
from PIL import Image

LONGER_SIDE = 2000
_TOO_MANY_PIXELS = 3
#: Well below the half minute after which a worker is taken for dead.
_SECONDS = 15


class TooManyPixelsError(Exception):
    """The picture has more pixels than are let in; none was unpacked."""


def decoded(content: bytes, most_pixels: int) -> bytes:
    """The picture as PNG, scaled and upright; OSError for a damaged one, TooManyPixelsError."""
    command = [sys.executable, "-I", __file__, str(most_pixels)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise OSError("the decoder found no end") from error
    if done.returncode == _TOO_MANY_PIXELS:
        raise TooManyPixelsError
    if done.returncode:
        raise OSError("the decoder did not understand the file")
    return done.stdout


def main() -> int:
    """The program; its exit code."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    with Image.open(BytesIO(sys.stdin.buffer.read()), formats=("HEIF",)) as picture:
        if picture.width * picture.height > int(sys.argv[1]):
            return _TOO_MANY_PIXELS
        picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS, reducing_gap=2)
        profile = picture.info.get("icc_profile")
        picture.save(sys.stdout.buffer, "PNG", compress_level=1, icc_profile=profile)
    return 0


if __name__ == "__main__":
    sys.exit(main())
