"""Pictures for the sample town, drawn here: a coat of arms, a skyline, a market hall. Nobody's rights, nobody's face."""

import io

from PIL import Image, ImageDraw

_TWICE = 2  # drawn larger, then reduced: smooth edges


def _png(image: Image.Image, width: int, height: int) -> bytes:
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def arms(field: str = "#1d4f73", charge: str = "#f3c64b") -> bytes:
    """A shield with a belfry, 400 by 400."""
    side = 400 * _TWICE
    image = Image.new("RGB", (side, side), "#f4efe4")
    draw = ImageDraw.Draw(image)
    draw.polygon([(120, 90), (680, 90), (680, 420), (600, 590), (400, 720), (200, 590), (120, 420)], fill=field)
    draw.rectangle((330, 330, 470, 620), fill=charge)
    draw.polygon([(310, 330), (400, 170), (490, 330)], fill=charge)
    draw.ellipse((370, 370, 430, 430), fill=field)
    draw.rectangle((375, 530, 425, 620), fill=field)
    return _png(image, 400, 400)


def portrait(back: str, coat: str) -> bytes:
    """A figure without features, 400 by 400."""
    side = 400 * _TWICE
    image = Image.new("RGB", (side, side), back)
    draw = ImageDraw.Draw(image)
    draw.ellipse((270, 150, 530, 410), fill="#f0d9bd")
    draw.ellipse((140, 470, 660, 1000), fill=coat)
    return _png(image, 400, 400)


def skyline() -> bytes:
    """Hills, roofs and a belfry at evening, 1500 by 500."""
    width, height = 1500 * _TWICE, 500 * _TWICE
    image = Image.new("RGB", (width, height), "#f6d8a8")
    draw = ImageDraw.Draw(image)
    for y in range(height):
        part = y / height
        draw.line((0, y, width, y), fill=(int(120 + 126 * part), int(170 + 50 * part), int(200 - 20 * part)))
    draw.ellipse((2000, 260, 2240, 500), fill="#fdf0c8")
    draw.polygon(
        [(0, 700), (500, 480), (1100, 640), (1700, 450), (2400, 620), (3000, 500), (3000, 1000), (0, 1000)],
        fill="#6f9a86",
    )
    draw.polygon([(0, 830), (800, 650), (1600, 790), (2300, 670), (3000, 760), (3000, 1000), (0, 1000)], fill="#3f6f63")
    for left, top, size, wall in (
        (300, 690, 220, "#e8d3b0"), (560, 730, 190, "#dcbf94"), (980, 700, 260, "#ecdcbf"), (1500, 720, 230, "#e2c79d"),
        (1800, 680, 280, "#e8d3b0"), (2150, 740, 200, "#dcbf94"), (2450, 700, 260, "#ecdcbf"),
    ):  # fmt: skip
        draw.rectangle((left, top, left + size, 1000), fill=wall)
        draw.polygon([(left - 24, top), (left + size // 2, top - 120), (left + size + 24, top)], fill="#a24a34")
        for column in range(2):
            x = left + size * (1 + 2 * column) // 5
            draw.rectangle((x, top + 60, x + size // 6, top + 140), fill="#4a5e66")
    draw.rectangle((1290, 330, 1430, 1000), fill="#d6c3a0")
    draw.polygon([(1260, 330), (1360, 90), (1460, 330)], fill="#475862")
    draw.ellipse((1320, 380, 1400, 460), fill="#f7f2e6")
    draw.rectangle((1325, 520, 1395, 640), fill="#475862")
    return _png(image, 1500, 500)


def market() -> bytes:
    """Stalls under a hall, 1200 by 800."""
    width, height = 1200 * _TWICE, 800 * _TWICE
    image = Image.new("RGB", (width, height), "#cfe3e6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 1180, width, height), fill="#c9b799")
    draw.polygon([(120, 620), (1200, 180), (2280, 620)], fill="#8d4a36")
    draw.rectangle((180, 610, 2220, 680), fill="#6d3828")
    for x in (220, 860, 1480, 2120):
        draw.rectangle((x, 680, x + 60, 1240), fill="#7f5a3c")
    for number, (left, cloth) in enumerate(((330, "#c8502f"), (960, "#2f7d5b"), (1590, "#d8a33a"))):
        for stripe in range(8):
            x = left + stripe * 55
            draw.polygon(
                [(x + 20, 820), (x + 75, 820), (x + 55, 960), (x, 960)], fill=cloth if stripe % 2 else "#fbf5e8"
            )
        draw.rectangle((left, 1080, left + 440, 1260), fill="#9a6b43")
        for fruit in range(9):
            colours = ("#d94f30", "#7aa23c", "#e9b53b")
            x = left + 20 + fruit * 46
            draw.ellipse((x, 1035, x + 52, 1087), fill=colours[(fruit + number) % 3])
    return _png(image, 1200, 800)


def bridge() -> bytes:
    """A closed bridge over a river, 1200 by 800."""
    width, height = 1200 * _TWICE, 800 * _TWICE
    image = Image.new("RGB", (width, height), "#dfe9ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 1000, width, height), fill="#5f97a8")
    draw.polygon([(0, 820), (700, 640), (1500, 760), (2400, 620), (2400, 1010), (0, 1010)], fill="#7fa67a")
    draw.rectangle((0, 860, width, 960), fill="#b7aa97")
    for x in (300, 1000, 1700):
        draw.pieslice((x, 960, x + 520, 1400), 180, 360, fill="#b7aa97")
        draw.pieslice((x + 60, 1010, x + 460, 1420), 180, 360, fill="#5f97a8")
    for x in (520, 1420):
        draw.rectangle((x, 640, x + 400, 740), fill="#f7f2e6")
        for stripe in range(5):
            left = x + stripe * 80
            draw.polygon([(left + 20, 640), (left + 60, 640), (left + 40, 740), (left, 740)], fill="#c63a2b")
        for leg in (40, 340):
            draw.rectangle((x + leg, 740, x + leg + 20, 880), fill="#5a5148")
    return _png(image, 1200, 800)
