"""Builds tenfold/imaging/fonts/TenfoldSans-SC.ttf, the font that every picture is drawn with, and its list of
characters.

Noto Sans SC (SIL Open Font License) cut down to what posters and nicknames use, weights 400 to 800 kept. The
font is taken from a wheel on PyPI that is pinned by its hash and is not a dependency: run this only to change
the subset.

    python tools/subset_font.py [--source NotoSansSC.ttf]
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from itertools import product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WHEEL = "justmytype-intl-cjk==0.1.0"
WHEEL_SHA256 = "06d9665542bfcad373716bb80583aa2d9bb2086a054fe11f706b9bd41e03f256"
IN_WHEEL = "justmytype_intl_cjk/fonts/ofl/notosanssc/"
FONTS = Path(__file__).resolve().parent.parent / "tenfold" / "imaging" / "fonts"
NAME = "TenfoldSans-SC"
WEIGHTS = (400, 800)
NARROW_MARKS, NARROW_FROM = "‘’“”…", 0xE000  # tenfold/imaging/texts.py knows these
DROPPED = ["GPOS", "GSUB", "GDEF", "BASE", "vhea", "vmtx", "DSIG"]

# Frequent in given names and in chats, but newer than GB2312.
NAME_CHARACTERS = (
    "〇喆堃玥珺翀翚頔赟昇镕祎玙琇瑄璟曌暐璠旸晞暲煊焱玭珣甯皞祐禕翯菡訚谞赟轶钘铄镔雱龑囍囧槑叕淼垚犇骉鑫"
    "嘢啲咗嘅冇佢哋喺嚟嗰搵攞瞓冧乜佬哪仨噠怼喵嗨呗嘿哇咦咩噢嘞嗯嘛哒啵腼腆瑀瑛珮玗琎珅琤璐璟璇瑨禛"
    "昀昉昕昳晔晟暻曈炜炘烜烨煜熠燊珏翃翊翎苒茜荟莀菀蓁蕤薇藜虓讱谌赓轩逄邢郄郇邬钰钊铭锜镠闳阚隽雯霏霈"
)
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x100, 0x17F),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x20A0, 0x20BF),
    (0x2190, 0x2199),
    (0x2460, 0x2473),
    (0x25A0, 0x25CF),
    (0x2600, 0x2606),
    (0x3000, 0x3017),
    (0x3041, 0x30FE),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE5),
)
SINGLES = "✓✔✕✗★☆♥♡♪♫№℃™®©·•…—–−×÷≈≠≤≥∞√°‰"


def gb2312() -> set[int]:
    """Every character of GB2312: 682 signs and 6,763 ideographs."""
    found: set[int] = set()
    for pair in product(range(0xA1, 0xF8), range(0xA1, 0xFF)):
        try:
            found.add(ord(bytes(pair).decode("gb2312")))
        except UnicodeDecodeError:
            continue
    return found


def wanted() -> set[int]:
    singles = {ord(character) for character in NAME_CHARACTERS + SINGLES}
    return gb2312() | singles | {code for first, last in RANGES for code in range(first, last + 1)}


def fetch(folder: Path) -> tuple[Path, str]:
    """The variable font and its licence text out of the pinned wheel."""
    pin = folder / "pin.txt"
    pin.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "-r",
        str(pin),
        "-d",
        str(folder),
    ]
    subprocess.run(pip, check=True)  # noqa: S603 - our own fixed command
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        font = Path(wheel.extract(IN_WHEEL + "NotoSansSC[wght].ttf", folder))
        return font, wheel.read(IN_WHEEL + "OFL.txt").decode()


def cut(source: Path) -> TTFont:
    """The wanted glyphs, without hinting and without the layout rules that the basic engine does not read."""
    options = subset.Options(
        layout_features=[], drop_tables=DROPPED, hinting=False, notdef_outline=True, name_IDs=["*"]
    )
    font = TTFont(source)
    add_narrow_marks(font)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted() | {NARROW_FROM + offset for offset in range(len(NARROW_MARKS))})
    cutter.subset(font)
    return instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)


def add_narrow_marks(font: TTFont) -> None:
    """Gives the Latin forms of marks that Chinese writes a full square wide a private code each.

    They are reachable only through the pwid rule, which the basic layout engine does not read.
    """
    narrow = pwid(font)
    for offset, mark in enumerate(NARROW_MARKS):
        glyph = narrow[font.getBestCmap()[ord(mark)]]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[NARROW_FROM + offset] = glyph


def pwid(font: TTFont) -> dict[str, str]:
    """Wide glyph to narrow glyph, out of the font's pwid feature."""
    gsub = font["GSUB"].table
    features = [record.Feature for record in gsub.FeatureList.FeatureRecord if record.FeatureTag == "pwid"]
    mapping: dict[str, str] = {}
    for index in features[0].LookupListIndex:
        for table in gsub.LookupList.Lookup[index].SubTable:
            mapping.update(getattr(table, "ExtSubTable", table).mapping)
    return mapping


def rename(font: TTFont) -> None:
    """Our own name: a changed font should not pass for the original, and 'Source' is a reserved one."""
    ours = {1: "Tenfold Sans SC", 3: f"{NAME};2.004", 4: "Tenfold Sans SC", 6: NAME, 16: "Tenfold Sans SC"}
    name = font["name"]
    name.names = [
        record for record in name.names if record.nameID in {0, 2, 5, 13, 14} or record.nameID > 255
    ]
    for number, text in ours.items():
        name.setName(text, number, 3, 1, 0x409)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, help="an already downloaded NotoSansSC[wght].ttf")
    source = parser.parse_args().source
    with tempfile.TemporaryDirectory() as folder:
        if source is None:
            source, licence = fetch(Path(folder))
            (FONTS / "OFL.txt").write_text(licence)
        font = cut(source)
    rename(font)
    font["head"].modified = font["head"].created  # the same bytes on every run
    font.recalcTimestamp = False
    target = FONTS / f"{NAME}.ttf"
    font.save(target)
    # What the font can draw, so that the product needs no font parser to know it.
    (FONTS / f"{NAME}.txt").write_text(
        "".join(chr(code) for code in sorted(font.getBestCmap()) if code < NARROW_FROM or code > 0xF8FF),
        "utf-8",
    )
    print(target.stat().st_size, hashlib.sha256(target.read_bytes()).hexdigest())  # noqa: T201


if __name__ == "__main__":
    main()
