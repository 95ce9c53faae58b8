"""Shapes: smooth, where they should be, and the mark has ten dots."""

from __future__ import annotations

from PIL import Image, ImageChops

from tenfold.imaging.lines import fit
from tenfold.imaging.shapes import ACCENT, INK, PAPER, Colour, disc, mix, plate, round_mask, ten_dots, write

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


def blank(width: int = 200, height: int = 200) -> Image.Image:
    return Image.new("RGB", (width, height), WHITE)


def box_of_change(image: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(image, blank(*image.size)).getbbox()


def test_mix_goes_from_one_to_the_other() -> None:
    assert mix(BLACK, WHITE, 0) == BLACK
    assert mix(BLACK, WHITE, 1) == WHITE
    assert mix((0, 100, 200), (100, 200, 0), 0.5) == (50, 150, 100)


def test_disc_is_round_and_smooth() -> None:
    image = blank()
    disc(image, (100, 100), 50, BLACK)
    assert box_of_change(image) == (50, 50, 150, 150)
    assert image.getpixel((100, 100)) == BLACK
    assert image.getpixel((53, 53)) == WHITE
    assert len(image.getcolors() or []) > 10
    area = sum(255 - value for value in image.convert("L").tobytes()) / 255
    assert abs(area - 3.14159 * 50 * 50) < 60


def test_disc_over_the_edge_is_cut_off() -> None:
    image = blank()
    disc(image, (200, 0), 50, BLACK)
    assert box_of_change(image) == (150, 0, 200, 50)


def test_plate_fills_its_box_but_the_corners() -> None:
    image = blank()
    plate(image, (20, 30, 180, 130), 20, BLACK)
    assert box_of_change(image) == (20, 30, 180, 130)
    assert image.getpixel((100, 30)) == image.getpixel((20, 80)) == image.getpixel((179, 129 - 40)) == BLACK
    assert all(image.getpixel(corner) == WHITE for corner in ((20, 30), (179, 30), (20, 129), (179, 129)))


def test_masks_are_symmetric() -> None:
    mask = round_mask(41)
    assert mask.size == (41, 41)
    assert mask.tobytes() == mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()
    assert mask.tobytes() == mask.transpose(Image.Transpose.ROTATE_90).tobytes()


def test_mark_is_one_dot_that_becomes_ten() -> None:
    image = blank(400, 400)
    ten_dots(image, (0, 0, 400, 400), ACCENT, (BLACK,))
    centres = [(50 + 100 * row, 200 + 100 * place - 50 * row) for row in range(4) for place in range(row + 1)]
    assert len(centres) == 10
    colours = [image.getpixel(centre) for centre in centres]
    assert colours == [ACCENT] + [BLACK] * 9
    assert image.getpixel((100, 60)) == WHITE
    box = box_of_change(image)
    assert box is not None
    assert min(box) >= 0
    assert max(box) <= 400


def test_written_lines_stay_in_their_block() -> None:
    image = blank(600, 300)
    block = fit("十个人，\n一百天 gjÉ", 500, ((60, 2),), weight=800)
    write(image, block, (40, 30), BLACK)
    box = box_of_change(image)
    assert box is not None
    left, top, right, bottom = box
    assert left >= 40 - 2
    assert right <= 40 + block.width + 2
    assert top >= 30
    assert bottom <= 30 + block.height


def test_centred_lines_have_their_middle_there() -> None:
    image = blank(600, 100)
    write(image, fit("读完十本书", 500, ((40, 1),)), (300, 10), BLACK, centred=True)
    box = box_of_change(image)
    assert box is not None
    assert abs((box[0] + box[2]) / 2 - 300) <= 3


def test_words_are_readable_on_their_grounds() -> None:
    assert sum(PAPER) - sum(INK) > 600
