"""Make the font that the documentation draws formulas in: the part of Noto Sans Math that formulas need.

Brackets grow around fractions where the font says how, in its MATH table; fonts of many systems do not. The
font is under the SIL Open Font License 1.1, without a reserved name; its licence is kept beside it. It comes
with the npm package @fontsource/noto-sans-math:

    npm pack @fontsource/noto-sans-math && tar xzf fontsource-noto-sans-math-*.tgz
    pip install fonttools brotli
    python tools/build_math_font.py package
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from fontTools import subset

STATIC = Path(__file__).parent.parent / "docs" / "_static"

# Letters, Greek, bold and italic mathematical letters, punctuation, arrows, operators, brackets.
BLOCKS = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x370, 0x3FF),
    (0x2000, 0x209F),
    (0x2100, 0x22FF),
    (0x2308, 0x230B),
    (0x27E8, 0x27EF),
    (0x1D400, 0x1D467),
    (0x1D6A8, 0x1D71B),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="folder of the unpacked npm package")
    package = parser.parse_args().package
    options = subset.Options(flavor="woff2", layout_features=["ssty", "dtls"], hinting=False)
    font = subset.load_font(package / "files" / "noto-sans-math-latin-400-normal.woff2", options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in BLOCKS for code in range(first, last + 1)])
    subsetter.subset(font)
    subset.save_font(font, STATIC / "noto-sans-math.woff2", options)
    shutil.copy(package / "LICENSE", STATIC / "noto-sans-math-LICENSE.txt")


if __name__ == "__main__":
    main()
