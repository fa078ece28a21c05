"""Why another engine's shortest way is another than ours: by the tags of the roads that only one of the two may use.

Of two ways the shorter holds a stretch that the other engine does not drive, or a turn that it does not make. The stretch is
looked for, and told by its tags and the direction; what is left are turns and the places where the ends were put.
"""

import math
from collections import Counter, defaultdict
from pathlib import Path

# What says who may drive a road, and which way.
KEYS = ("highway", "oneway", "oneway:bus", "oneway:psv", "junction", "access", "vehicle", "motor_vehicle", "motorcar", "bus", "psv", "busway", "service", "area", "route")
# What may stand in the way at a point.
BARS = ("barrier", "access", "motor_vehicle", "vehicle", "bollard")
# Ends lie on a road of ours: one that was put down so many metres off is on another.
ELSEWHERE_M = 1.0


class Roads:
    """The ways of an extract by their stretches, and its points by where they lie."""

    def __init__(self, file):
        import osmium

        self.at, self.tags, self.near, ways = {}, {}, defaultdict(list), []
        for thing in osmium.FileProcessor(str(file)):
            if thing.is_node():
                self.at[thing.id] = (thing.location.lon, thing.location.lat)
                found = {key: thing.tags[key] for key in BARS if key in thing.tags}
                if "barrier" in found:
                    self.tags[thing.id] = found
            elif thing.is_way() and ("highway" in thing.tags or "route" in thing.tags):
                ways.append(([node.ref for node in thing.nodes], {key: thing.tags[key] for key in KEYS if key in thing.tags}))
        self.ways, self.used = defaultdict(list), set()
        for refs, tags in ways:
            self.used.update(refs)
            for a, b in zip(refs, refs[1:]):
                self.ways[a, b].append((tags, "along"))
                self.ways[b, a].append((tags, "against"))
        for node in self.used & self.at.keys():
            lon, lat = self.at[node]
            self.near[round(lon * 1e5), round(lat * 1e5)].append(node)

    def node(self, lon, lat):
        """Returns the point of a road at a place, to half a metre."""
        x, y = round(lon * 1e5), round(lat * 1e5)
        some = [node for i in (-1, 0, 1) for j in (-1, 0, 1) for node in self.near.get((x + i, y + j), ())]
        off = lambda node: metres(self.at[node], (lon, lat))
        best = min(some, key=off, default=None)
        return best if best is not None and off(best) < 0.5 else None

    def nodes(self, line):
        """Returns a line's points that are points of roads."""
        out = []
        for place in line:
            node = self.node(*place)
            if node is not None and (not out or out[-1] != node):
                out.append(node)
        return out

    def told(self, a, b):
        """Returns the tags of a stretch, with the direction it is driven in where that matters."""
        found = self.ways.get((a, b))
        if not found:
            return "no stretch of one way"
        tags, direction = found[0]
        words = " ".join(f"{key}={value}" for key, value in sorted(tags.items(), key=lambda pair: KEYS.index(pair[0])))
        is_one_way = tags.get("oneway") in ("yes", "1", "true", "-1") or tags.get("junction") == "roundabout"
        return f"{direction} {words}" if is_one_way else words


def metres(a, b):
    east = (a[0] - b[0]) * 111_320.0 * math.cos(math.radians(a[1]))
    return math.hypot(east, (a[1] - b[1]) * 111_000.0)


def stretches(nodes):
    return list(zip(nodes, nodes[1:]))


def turns_round(nodes):
    return any(a == c for a, c in zip(nodes, nodes[2:]))


def barred(roads, nodes, is_closed):
    """Returns what bars the first run of stretches of a way that are closed: a point with a barrier in it, or the road's own
    tags; None when none is closed."""
    run = []
    for stretch in stretches(nodes):
        if is_closed(stretch):
            run.append(stretch)
        elif run:
            break
    if not run:
        return None
    points = [node for stretch in run for node in stretch if node in roads.tags]
    if points:
        return "point " + " ".join(f"{key}={value}" for key, value in roads.tags[points[0]].items())
    return roads.told(*run[0])


def under(roads, place):
    """Returns the tags of the road that a place lies on."""
    def off(stretch):
        a, b = (roads.at.get(node) for node in stretch)
        return math.inf if a is None or b is None else metres(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), place)

    return roads.told(*min(roads.ways, key=off))


def cause(roads, pair, theirs, open_to_us, passes):
    """Returns why two ways differ: who could not, and where. `theirs`: length and line; `passes`: whether they drive a stretch."""
    length, line = theirs
    closed_to_us = lambda stretch: stretch not in open_to_us
    moved = [place for place, end in ((pair["from"], line[0]), (pair["to"], line[-1])) if metres(place, end) > ELSEWHERE_M]
    if moved:
        what = "we have no way" if pair["shortest"] is None else "the lengths differ"
        return f"put on another road by them: {what}", under(roads, moved[0])
    other = roads.nodes(line)
    if pair["shortest"] is None:
        return "we have no way: not driven by us", barred(roads, other, closed_to_us) or "a turn or an end"
    mine = roads.nodes([(lon / 1e7, lat / 1e7) for lon, lat in pair["line"]])
    if pair["shortest"][0] > length:
        by = barred(roads, other, closed_to_us)
        return ("ours is longer: not driven by us", by) if by else ("ours is longer: a turn", turn(roads, other))
    known = set(stretches(other))
    closed_to_them = lambda s: s not in known and not passes(roads.at[s[0]], roads.at[s[1]])
    by = barred(roads, mine, closed_to_them)
    return ("ours is shorter: not driven by them", by) if by else ("ours is shorter: a turn", turn(roads, mine))


def turn(roads, nodes):
    """Returns what can be said of a turn that only one of the two makes."""
    points = [node for node in nodes[1:-1] if node in roads.tags]
    if points:
        return "point " + " ".join(f"{key}={value}" for key, value in roads.tags[points[0]].items())
    return "it turns round" if turns_round(nodes) else "every stretch of it is driven by both"


def explain(who, file, asked, found):
    """Prints the table. `found`: for each pair their length and line, or None; and whether they drive between two places."""
    roads = Roads(Path(file))
    lines, passes = found
    open_to_us = set()
    for west, south, east, north in asked["open"]:
        ends = roads.node(west / 1e7, south / 1e7), roads.node(east / 1e7, north / 1e7)
        open_to_us.add(ends)
    causes, examples = Counter(), {}
    for pair, theirs in zip(asked["pairs"], lines):
        mine = pair["shortest"] and pair["shortest"][0]
        if theirs is None and mine is None:
            continue
        if theirs is not None and mine is not None and abs(mine - theirs[0]) <= max(20.0, 0.01 * theirs[0]):
            continue
        why = cause(roads, pair, theirs, open_to_us, passes) if theirs else ("they have no way", "")
        causes[why] += 1
        examples.setdefault(why, pair)
    print(f"    {who:<10} why its shortest way is another than ours, {sum(causes.values())} of {len(lines)} pairs:")
    for (what, tags), count in sorted(causes.items(), key=lambda row: (row[0][0], -row[1])):
        pair = examples[what, tags]
        place = ",".join(f"{n:.5f}" for n in pair["from"]) + " → " + ",".join(f"{n:.5f}" for n in pair["to"])
        print(f"      {count:>4}  {what:<50} {tags:<56} {place}")
