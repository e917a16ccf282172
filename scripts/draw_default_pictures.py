"""Draws the avatar and the header that an actor has before it brings its own: a belfry, and a town around it.

Run by hand: `python scripts/draw_default_pictures.py`; its product in node/media/pictures/ is committed. PNG and
not SVG: several clients show no SVG as an avatar.
"""

from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).parents[1] / "node" / "media" / "pictures"
FINER = 4  # drawn larger and scaled down, for smooth edges
SKY, FAR, NEAR, LIGHT = "#e3e8ee", "#c3cdd8", "#8495a8", "#f4f6f8"


def belfry(draw: ImageDraw.ImageDraw, x: float, ground: float, height: float, colour: str) -> None:
    """A tower whose axis is at *x*: shaft, gallery, lantern with its bell, spire."""
    unit = height / 100

    def box(half: float, bottom: float, top: float, fill: str) -> None:
        draw.rectangle((x - half * unit, ground - top * unit, x + half * unit, ground - bottom * unit), fill=fill)

    def shape(points: list[tuple[float, float]], fill: str) -> None:
        draw.polygon([(x + across * unit, ground - up * unit) for across, up in points], fill=fill)

    box(13, 0, 52, colour)
    shape([(-13, 50), (-17, 55), (17, 55), (13, 50)], colour)
    box(17, 55, 59, colour)
    box(11, 59, 74, colour)
    shape([(-14, 74), (14, 74), (4, 84), (2.2, 94), (0.6, 100), (-0.6, 100), (-2.2, 94), (-4, 84)], colour)
    # The lantern's opening and the bell in it, the clock, the door.
    box(6, 60, 68, LIGHT)
    draw.ellipse((x - 6 * unit, ground - 73 * unit, x + 6 * unit, ground - 61 * unit), fill=LIGHT)
    shape([(-1.4, 70), (1.4, 70), (2.6, 64.5), (4, 62.5), (-4, 62.5), (-2.6, 64.5)], colour)
    draw.ellipse((x - 1 * unit, ground - 63 * unit, x + 1 * unit, ground - 61 * unit), fill=colour)
    draw.ellipse((x - 6 * unit, ground - 45 * unit, x + 6 * unit, ground - 33 * unit), fill=LIGHT)
    draw.line(
        [(x, ground - 43 * unit), (x, ground - 39 * unit), (x + 3 * unit, ground - 37.5 * unit)], colour, int(unit)
    )
    box(4, 0, 9, LIGHT)
    draw.ellipse((x - 4 * unit, ground - 13 * unit, x + 4 * unit, ground - 5 * unit), fill=LIGHT)


def roofs(draw: ImageDraw.ImageDraw, width: int, ground: float, unit: float, colour: str, shift: float) -> None:
    """A row of houses from edge to edge; *unit* is the width of the narrowest."""
    x, step = -shift * unit, 0
    while x < width:
        wide, high = unit * (1 + (step * 7 % 5) / 4), unit * (0.8 + (step * 5 % 7) / 7)
        draw.rectangle((x, ground - high, x + wide, ground), fill=colour)
        draw.polygon(
            [
                (x - wide * 0.06, ground - high),
                (x + wide / 2, ground - high - wide * 0.42),
                (x + wide * 1.06, ground - high),
            ],
            fill=colour,
        )
        x, step = x + wide, step + 1


def save(image: Image.Image, name: str) -> None:
    """Scaled down, in few colours: some kilobytes."""
    small = image.resize((image.width // FINER, image.height // FINER), Image.Resampling.LANCZOS)
    small.quantize(32, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)


def main() -> None:
    """Draw both."""
    avatar = Image.new("RGB", (400 * FINER, 400 * FINER), SKY)
    draw = ImageDraw.Draw(avatar)
    roofs(draw, avatar.width, 400 * FINER, 62 * FINER, FAR, 0.4)
    belfry(draw, 200 * FINER, 400 * FINER, 345 * FINER, NEAR)
    save(avatar, "avatar.png")

    header = Image.new("RGB", (1500 * FINER, 500 * FINER), SKY)
    draw = ImageDraw.Draw(header)
    roofs(draw, header.width, 470 * FINER, 84 * FINER, "#d3dbe4", 0.7)
    belfry(draw, 1130 * FINER, 500 * FINER, 400 * FINER, NEAR)
    roofs(draw, header.width, 500 * FINER, 58 * FINER, FAR, 0.2)
    save(header, "header.png")


if __name__ == "__main__":
    main()
