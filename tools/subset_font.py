"""Builds tenfold/imaging/fonts/TenfoldSans-SC.ttf and TenfoldSerif-SC.otf, the fonts that every picture is drawn
with, and their lists of characters.

Noto Sans SC, weights 400 to 800, and Noto Serif SC, one weight (SIL Open Font License), cut down to what posters
and nicknames use. The fonts are taken from wheels on PyPI that are pinned by their hashes and are no dependencies:
run this only to change the subsets.

    python tools/subset_font.py [sans|serif]
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).resolve().parent.parent / "tenfold" / "imaging" / "fonts"
WEIGHTS = (400, 800)


@dataclass(frozen=True)
class Origin:
    """Where a font comes from, and what it is called here; `licence` is its file in the wheel."""

    wheel: str
    sha256: str
    font: str
    licence: str
    file: str
    family: str
    version: str
    licence_here: str


SANS = Origin(
    wheel="justmytype-intl-cjk==0.1.0",
    sha256="06d9665542bfcad373716bb80583aa2d9bb2086a054fe11f706b9bd41e03f256",
    font="justmytype_intl_cjk/fonts/ofl/notosanssc/NotoSansSC[wght].ttf",
    licence="justmytype_intl_cjk/fonts/ofl/notosanssc/OFL.txt",
    file="TenfoldSans-SC.ttf",
    family="Tenfold Sans SC",
    version="2.004",
    licence_here="OFL.txt",
)
SERIF = Origin(
    wheel="pylopdf-fonts-zh-cn==0.1.1",
    sha256="e2661ef3790cbe0f0f6aa5338b6859b7cd288ee75bc88cd4239c62cd025d4fb3",
    font="pylopdf_fonts_zh_cn/NotoSerifSC-Regular.otf",
    licence="pylopdf_fonts_zh_cn-0.1.1.dist-info/licenses/LICENSE",
    file="TenfoldSerif-SC.otf",
    family="Tenfold Serif SC",
    version="2.003",
    licence_here="OFL-serif.txt",
)
ORIGINS = {"sans": SANS, "serif": SERIF}
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


def fetch(origin: Origin, folder: Path) -> tuple[Path, str]:
    """The font and its licence text out of the pinned wheel."""
    pin = folder / "pin.txt"
    pin.write_text(f"{origin.wheel} --hash=sha256:{origin.sha256}\n")
    options = ["--no-deps", "--require-hashes", "-r", str(pin), "-d", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)  # noqa: S603 - our own command
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return Path(wheel.extract(origin.font, folder)), wheel.read(origin.licence).decode()


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
    if "fvar" not in font:
        return font
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


def rename(font: TTFont, origin: Origin) -> None:
    """Our own name: a changed font should not pass for the original, and 'Source' is a reserved one."""
    family, postscript = origin.family, Path(origin.file).stem
    ours = {1: family, 3: f"{postscript};{origin.version}", 4: family, 6: postscript, 16: family}
    name = font["name"]
    name.names = [
        record for record in name.names if record.nameID in {0, 2, 5, 13, 14} or record.nameID > 255
    ]
    for number, text in ours.items():
        name.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        inside = font["CFF "].cff
        inside.fontNames = [postscript]
        inside[0].FamilyName, inside[0].FullName = family, family


def build(origin: Origin) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, licence = fetch(origin, Path(folder))
        (FONTS / origin.licence_here).write_text(licence)
        font = cut(source)
    rename(font, origin)
    font["head"].modified = font["head"].created  # the same bytes on every run
    font.recalcTimestamp = False
    target = FONTS / origin.file
    font.save(target)
    # What the font can draw, so that the product needs no font parser to know it.
    target.with_suffix(".txt").write_text(
        "".join(chr(code) for code in sorted(font.getBestCmap()) if code < NARROW_FROM or code > 0xF8FF),
        "utf-8",
    )
    print(target.name, target.stat().st_size, hashlib.sha256(target.read_bytes()).hexdigest())  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", choices=ORIGINS, default=list(ORIGINS))
    for which in parser.parse_args().which:
        build(ORIGINS[which])


if __name__ == "__main__":
    main()
