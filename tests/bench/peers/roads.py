"""Other engines beside ours, for `cargo bench --bench answers -- roads`.

`arcs FOLDER`: libraries that take arcs (pandana, igraph, networkx) answer our questions on our arcs; costs must be equal.
`extract FOLDER FILE`: engines that read the extract themselves (Valhalla, OSRM) go the same 500 ways.

Every figure stands beside ours of the same run: "1.0 times as fast" means that we take as long. Needs what can be had of:
pandana igraph networkx numpy psutil pyvalhalla osrm-bindings osmium. What is missing is said by name, as NOT RUN.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import differences

# Pandana lists every pair that has no way.
warnings.filterwarnings("ignore")

# What plain libraries are asked of the larger networks is cut down to this many rows of a matrix.
ROWS = 4
# networkx keeps each arc as a Python object.
NETWORKX_ARCS_MAX = 200_000


def timed(work):
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def memory_mb():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return math.nan


def tell(who, what, theirs_s, ours_s=None):
    beside = f"; ours {ours_s * 1e3:.3g} ms: {theirs_s / ours_s:.1f} times as fast" if ours_s else ""
    print(f"    {who:<10} {what:<52} {theirs_s * 1e3:>12.3f} ms{beside}", flush=True)


def run(words):
    """Runs a program; returns its seconds and the most memory it had, MB."""
    began = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return time.perf_counter() - began, used.ru_maxrss / 1000


def size_mb(folder, begins=""):
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file() and file.name.startswith(begins)) / 1e6


def agree(who, costs, asked):
    wanted = [math.inf if pair[2] is None else pair[2] for pair in asked["pairs"]]
    equal = sum(1 for got, want in zip(costs, wanted) if got == want)
    print(f"    {who:<10} equal costs on {equal} of {len(wanted)} pairs", flush=True)


def with_pandana(numpy, positions, arcs, asked):
    import pandana
    import pandas

    ours = asked["ours"]
    before = memory_mb()
    # It cuts a cost down to a whole thousandth: a quarter more keeps the milliseconds.
    seconds = pandas.DataFrame({"s": (arcs[:, 2] + 0.25) / 1000.0})
    x, y = pandas.Series(positions[:, 0]), pandas.Series(positions[:, 1])
    # Many arcs between the same nodes: it keeps the cheapest itself.
    network, built = timed(
        lambda: pandana.Network(x, y, pandas.Series(arcs[:, 0]), pandas.Series(arcs[:, 1]), seconds, twoway=False)
    )
    tell("pandana", f"build with contraction, {memory_mb() - before:.0f} MB more", built, ours["customize"])
    tails, heads = [[pair[i] for pair in asked["pairs"]] for i in (0, 1)]
    lengths, took = timed(lambda: network.shortest_path_lengths(tails, heads))
    # It has 4294967.295 s for what can not be reached.
    agree("pandana", [math.inf if s > 4e6 else round(s * 1000) for s in lengths], asked)
    firsts = asked["from"][:100]
    _, took = timed(lambda: [network.shortest_path(a, b) for a, b in zip(firsts, asked["to"])])
    tell("pandana", "route", took / 100, ours["route"])
    rows = numpy.repeat(asked["from"], len(asked["to"]))
    columns = numpy.tile(asked["to"], len(asked["from"]))
    _, took = timed(lambda: network.shortest_path_lengths(rows, columns))
    tell("pandana", f"matrix {len(asked['from'])} × {len(asked['to'])}", took, ours["matrix"])
    _, took = timed(lambda: network.nodes_in_range([asked["from"][0]], 900.0))
    tell("pandana", "all nodes within 900 s", took, ours["isochrone"])
    stops = positions[asked["stops"]]
    network.set_pois("stops", 40_000.0, asked["k"], pandas.Series(stops[:, 0]), pandas.Series(stops[:, 1]))
    _, took = timed(lambda: network.nearest_pois(40_000.0, "stops", num_pois=asked["k"]))
    tell("pandana", f"field of the {asked['k']} nearest (it has none from one place)", took, ours["field_k"])
    left = ~numpy.isin(arcs[:, :2], asked["closed"]).any(axis=1)
    open_arcs, open_s = arcs[left], seconds[left].reset_index(drop=True)
    ends = [pandas.Series(open_arcs[:, i]) for i in (0, 1)]
    _, took = timed(lambda: pandana.Network(x, y, *ends, open_s, twoway=False))
    tell("pandana", "closing 2 km × 2 km, by building anew", took, ours["closure"])


def with_igraph(numpy, positions, arcs, asked):
    import igraph

    ours = asked["ours"]
    before = memory_mb()
    graph, built = timed(lambda: igraph.Graph(n=len(positions), edges=arcs[:, :2], directed=True))
    weights = arcs[:, 2].astype(float)
    tell("igraph", f"build, {memory_mb() - before:.0f} MB more", built)
    tails = sorted({pair[0] for pair in asked["pairs"]})[:ROWS]
    rows, took = timed(lambda: graph.distances(source=tails, weights=weights))
    place = {tail: number for number, tail in enumerate(tails)}
    some = [pair for pair in asked["pairs"] if pair[0] in place]
    agree("igraph", [rows[place[pair[0]]][pair[1]] for pair in some], {"pairs": some})
    whole = took / len(tails) * len(asked["from"])
    tell("igraph", f"matrix {len(asked['from'])} × {len(asked['to'])}, told from {len(tails)} rows", whole, ours["matrix"])
    tell("igraph", "all nodes, without a limit", took / len(tails), ours["isochrone"])
    ends = list(zip(asked["from"], asked["to"]))[:10]
    _, took = timed(lambda: [graph.get_shortest_path(a, b, weights=weights) for a, b in ends])
    tell("igraph", "route", took / len(ends), ours["route"])
    some = asked["from"][:10]
    # It takes no stop twice.
    once = list(dict.fromkeys(asked["stops"]))
    _, took = timed(lambda: [sorted(graph.distances(source=[a], target=once, weights=weights)[0])[: asked["k"]] for a in some])
    tell("igraph", f"{asked['k']} nearest of {len(asked['stops'])}", took / len(some), ours["nearest"])
    is_closed = lambda: numpy.where(numpy.isin(arcs[:, :2], asked["closed"]).any(axis=1), numpy.inf, weights)
    _, took = timed(is_closed)
    tell("igraph", "closing 2 km × 2 km, as other weights", took, ours["closure"])
    # A node before all stops, arcs turned round: its distances are the field of the nearest one.
    stops = numpy.array(asked["stops"])
    fore = numpy.stack([numpy.full(len(stops), len(positions)), stops], axis=1)
    turned = igraph.Graph(n=len(positions) + 1, edges=numpy.concatenate([arcs[:, 1::-1], fore]), directed=True)
    also = numpy.concatenate([weights, numpy.zeros(len(stops))])
    _, took = timed(lambda: turned.distances(source=[len(positions)], weights=also))
    tell("igraph", "field of the nearest one", took, ours["field_1"])


def with_networkx(_numpy, positions, arcs, asked):
    import networkx

    if len(arcs) > NETWORKX_ARCS_MAX:
        print(f"    networkx   NOT RUN: more than {NETWORKX_ARCS_MAX} arcs")
        return
    ours = asked["ours"]
    before = memory_mb()

    def build():
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(len(positions)))
        for tail, head, cost, _ in arcs.tolist():
            if cost < graph.get_edge_data(tail, head, {"w": math.inf})["w"]:
                graph.add_edge(tail, head, w=cost)
        return graph

    graph, built = timed(build)
    tell("networkx", f"build, {memory_mb() - before:.0f} MB more", built)
    tails = sorted({pair[0] for pair in asked["pairs"]})[:ROWS]
    of = networkx.single_source_dijkstra_path_length
    rows, took = timed(lambda: {tail: of(graph, tail, weight="w") for tail in tails})
    some = [pair for pair in asked["pairs"] if pair[0] in rows]
    agree("networkx", [rows[pair[0]].get(pair[1], math.inf) for pair in some], {"pairs": some})
    whole = took / len(tails) * len(asked["from"])
    tell("networkx", f"matrix {len(asked['from'])} × {len(asked['to'])}, told from {len(tails)} rows", whole, ours["matrix"])
    _, took = timed(lambda: of(graph, tails[0], cutoff=900_000, weight="w"))
    tell("networkx", "all nodes within 900 s", took, ours["isochrone"])
    ends = [pair for pair in asked["pairs"] if pair[2] is not None][:10]
    _, took = timed(lambda: [networkx.bidirectional_dijkstra(graph, a, b, weight="w") for a, b, _ in ends])
    tell("networkx", "route", took / len(ends), ours["route"])
    stops, some = set(asked["stops"]), asked["from"][:5]

    def nearest(a):
        reached = of(graph, a, weight="w")
        return sorted(reached[stop] for stop in stops if stop in reached)[: asked["k"]]

    _, took = timed(lambda: [nearest(a) for a in some])
    tell("networkx", f"{asked['k']} nearest of {len(stops)}", took / len(some), ours["nearest"])
    turned = graph.reverse(copy=False)
    _, took = timed(lambda: networkx.multi_source_dijkstra_path_length(turned, set(asked["stops"]), weight="w"))
    tell("networkx", "field of the nearest one", took, ours["field_1"])
    del turned
    _, took = timed(lambda: graph.remove_nodes_from(asked["closed"]))
    tell("networkx", "closing 2 km × 2 km, nodes taken out", took, ours["closure"])


def arcs_of(folder):
    import numpy

    positions = numpy.fromfile(folder / "nodes.f64", dtype="<f8").reshape(-1, 2)
    arcs = numpy.fromfile(folder / "arcs.u32", dtype="<u4").reshape(-1, 4).astype("int64")
    asked = json.loads((folder / "asked.json").read_text())
    print(f"  peers on the same {len(arcs)} arcs:")
    for work in (with_pandana, with_igraph, with_networkx):
        try:
            work(numpy, positions, arcs, asked)
        except ImportError as missing:
            print(f"    {work.__name__[5:]:<10} NOT RUN: {missing}")


def compare(who, what, pairs, kind, theirs, elsewhere):
    """Prints how the lengths of the same ways agree, and what those have in common that differ. `theirs` in metres;
    `elsewhere`: the pairs of which an end was put on another road."""
    ours = [pair[kind] and pair[kind][0] for pair in pairs]
    both = [i for i, other in enumerate(theirs) if ours[i] is not None and other is not None]
    apart = [i for i in both if abs(ours[i] - theirs[i]) > max(20.0, 0.01 * theirs[i])]
    left = [i for i in apart if i not in elsewhere]
    ratio = statistics.median(ours[i] / theirs[i] for i in both if theirs[i] > 0)
    only = [i for i, other in enumerate(theirs) if (ours[i] is None) != (other is None)]
    print(
        f"    {who:<10} {what}: {len(both) - len(apart)} of {len(both)} within 1 % or 20 m; median ours / theirs {ratio:.4f}\n"
        f"               of the other {len(apart)}: put on another road {len(apart) - len(left)}; of the {len(left)} left ours longer "
        f"{sum(ours[i] > theirs[i] for i in left)}, ours turns round on a street {sum(pairs[i]['turns_back'][kind] for i in left)}\n"
        f"               way only one has {len(only)}, of them put on another road {sum(i in elsewhere for i in only)}",
        flush=True,
    )
    apart = left
    for i in sorted(apart, key=lambda i: -abs(ours[i] - theirs[i]))[:3]:
        print(f"      {pairs[i]['from']} to {pairs[i]['to']}: ours {ours[i]:.0f} m, theirs {theirs[i]:.0f} m")


def as_pbf(file, data):
    """Valhalla reads PBF only."""
    words = "import osmium, sys\nw = osmium.SimpleWriter(sys.argv[2])\nfor o in osmium.FileProcessor(sys.argv[1]): w.add(o)\nw.close()"
    subprocess.run([sys.executable, "-c", words, str(file), str(data)], check=True)


def polyline(text):
    """Returns the positions of a line in Valhalla's encoding: differences of 10⁻⁶ of a degree, five bits a character."""
    numbers, number, shift = [], 0, 0
    for character in text.encode():
        number |= ((character - 63) & 31) << shift
        shift += 5
        if character - 63 < 32:
            numbers.append(~(number >> 1) if number & 1 else number >> 1)
            number, shift = 0, 0
    lat = lon = 0
    line = []
    for north, east in zip(numbers[::2], numbers[1::2]):
        lat, lon = lat + north, lon + east
        line.append((lon / 1e6, lat / 1e6))
    return line


def aside(pair, line):
    return max(differences.metres(pair["from"], line[0]), differences.metres(pair["to"], line[-1]))


def between(a, b):
    """A question from a quarter of a stretch to three quarters."""
    at = lambda share: [a[i] + share * (b[i] - a[i]) for i in (0, 1)]
    return {"from": at(0.25), "to": at(0.75)}


def passes(length, a, b):
    """Whether a way goes straight along a stretch. `length`: of their way along the middle half of it, metres."""
    found = length(a, b)
    return found is not None and found < differences.metres(a, b) * 0.75 + 8.0


def with_valhalla(folder, file, asked):
    import valhalla

    pairs, ours = asked["pairs"], asked["ours"]
    data = folder / "valhalla.osm.pbf"
    as_pbf(file, data)
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=str(folder / "tiles"), verbose=False)
    config["service_limits"]["auto"].update(max_matrix_location_pairs=4_000_000, max_matrix_distance=400_000.0, max_locations=2000)
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    # By its path: the package's own launcher does not find it in every place that it may be installed to.
    program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    built, memory = run([str(program), "-c", str(path), str(data)])
    tell("Valhalla", f"build, at most {memory:.0f} MB, {size_mb(folder / 'tiles'):.1f} MB of tiles", built)
    actor = valhalla.Actor(str(path))
    at = lambda place: {"lon": place[0], "lat": place[1]}

    def question(pair, shortest):
        return {
            "locations": [at(pair["from"]), at(pair["to"])],
            "costing": "auto",
            "costing_options": {"auto": {"shortest": shortest}},
            "directions_type": "none",
        }

    def route(pair, shortest, **more):
        try:
            summary = actor.route(question(pair, shortest) | more)["trip"]["summary"]
            return summary["length"] * 1000.0, summary["time"]
        except RuntimeError:
            return None, None

    def drawn(pair):
        try:
            leg = actor.route(question(pair, True))["trip"]["legs"][0]
            return leg["summary"]["length"] * 1000.0, polyline(leg["shape"])
        except RuntimeError:
            return None

    lines = [drawn(pair) for pair in pairs]
    elsewhere = {i for i, line in enumerate(lines) if line and aside(pairs[i], line[1]) > differences.ELSEWHERE_M}
    compare("Valhalla", "length of the shortest way", pairs, "shortest", [line and line[0] for line in lines], elsewhere)
    beside = lambda a, b: route(between(a, b), True)[0]
    differences.explain("Valhalla", file, asked, (lines, lambda a, b: passes(beside, a, b)))
    quickest, took = timed(lambda: [route(pair, False) for pair in pairs])
    compare("Valhalla", "length of the quickest way", pairs, "quickest", [q[0] for q in quickest], elsewhere)
    both = [(p["quickest"][1], q[1]) for p, q in zip(pairs, quickest) if p["quickest"] and q[1]]
    print(f"    Valhalla   time of the quickest way: median ours / theirs {statistics.median(a / b for a, b in both):.3f}")
    tell("Valhalla", "route from position to position", took / len(pairs), ours["route"])
    places = [at(p["from"]) for p in pairs], [at(p["to"]) for p in pairs]
    table = {"sources": places[0], "targets": places[1], "costing": "auto"}
    _, took = timed(lambda: actor.matrix(table))
    tell("Valhalla", f"matrix {len(pairs)} × {len(pairs)}", took, ours["table"])
    stops, some = [at(stop) for stop in asked["stops"]], places[0][:20]
    _, took = timed(lambda: [actor.matrix({"sources": [a], "targets": stops, "costing": "auto"}) for a in some])
    tell("Valhalla", f"{asked['k']} nearest of {len(stops)}, by its matrix", took / len(some), ours["nearest"])
    contours = lambda a: {"locations": [a], "costing": "auto", "contours": [{"time": 15}], "polygons": True}
    _, took = timed(lambda: [actor.isochrone(contours(a)) for a in some])
    for tolerance_m, drawn in ours["isochrones"]:
        tell("Valhalla", f"isochrone of 15 minutes, drawn; ours to {tolerance_m:.0f} m", took / len(some), drawn)
    tell("Valhalla", f"closing 2 km × 2 km ({ours['closed']} parts), by building anew", built, ours["closure"])
    _, took = timed(lambda: [route(pair, False, exclude_polygons=[asked["flood"]]) for pair in pairs[:100]])
    tell("Valhalla", "route with it left out by the question alone", took / 100, ours["route"])


def with_osrm(folder, file, asked):
    import osrm

    pairs, ours = asked["pairs"], asked["ours"]
    profiles = Path(osrm.__file__).parent / "share" / "profiles"
    lua = (profiles / "car.lua").read_text()
    near = f"package.path = '{profiles}/?.lua;' .. package.path\n"
    metric = lua.replace("weight_name                     = 'routability'", "weight_name                     = 'distance'")
    say = lambda *words: run([sys.executable, "-m", "osrm", *map(str, words)])
    end = "".join(Path(file).suffixes[-2:]) if file.suffix in (".pbf", ".gz") else file.suffix
    closed = folder / "closed.csv"
    closed.write_text(closed_segments(file, asked["flood"]))
    for name, text in (("distance", metric), ("time", lua)):
        place = folder / name
        place.mkdir()
        (place / "car.lua").write_text(near + text)
        os.symlink(file, place / f"roads{end}")
        roads = place / "roads.osrm"
        took, memory = zip(say("extract", "-p", place / "car.lua", place / f"roads{end}"), say("contract", roads))
        tell("OSRM", f"build by {name}, at most {max(memory):.0f} MB, {size_mb(place, 'roads.osrm'):.1f} MB", sum(took))
        engine = osrm.OSRM(algorithm="CH", storage_config=str(roads), use_shared_memory=False, max_locations_distance_table=4000)

        def route(pair, overview="false"):
            try:
                question = osrm.RouteParameters(coordinates=[tuple(pair["from"]), tuple(pair["to"])], overview=overview)
                answer = engine.Route(question)
                best = answer["routes"][0]
                return best["distance"], best["duration"], max(end["distance"] for end in answer["waypoints"])
            except RuntimeError:
                return None, None, math.inf

        answers = [route(pair) for pair in pairs]
        if name == "distance":

            def drawn(pair):
                try:
                    both = [tuple(pair["from"]), tuple(pair["to"])]
                    question = osrm.RouteParameters(coordinates=both, overview="full", geometries="geojson")
                    best = engine.Route(question)["routes"][0]
                    return best["distance"], [tuple(place) for place in best["geometry"]["coordinates"]]
                except RuntimeError:
                    return None

            beside = lambda a, b: route(between(a, b))[0]
            found = [drawn(pair) for pair in pairs], lambda a, b: passes(beside, a, b)
            differences.explain("OSRM", file, asked, found)
        elsewhere = {i for i, answer in enumerate(answers) if answer[2] > differences.ELSEWHERE_M}
        kind = "shortest" if name == "distance" else "quickest"
        compare("OSRM", f"length of the {kind} way", pairs, kind, [a[0] for a in answers], elsewhere)
        if name == "distance":
            continue
        both = [(p["quickest"][1], a[1]) for p, a in zip(pairs, answers) if p["quickest"] and a[1]]
        print(f"    OSRM       time of the quickest way: median ours / theirs {statistics.median(a / b for a, b in both):.3f}")
        _, took = timed(lambda: [route(pair, "full") for pair in pairs])
        tell("OSRM", "route from position to position", took / len(pairs), ours["route"])
        half = len(pairs)

        def table(origins, places):
            both = [tuple(place) for place in origins + places]
            whence, whither = list(range(len(origins))), list(range(len(origins), len(both)))
            return engine.Table(osrm.TableParameters(coordinates=both, sources=whence, destinations=whither))

        starts, ends = [p["from"] for p in pairs], [p["to"] for p in pairs]
        _, took = timed(lambda: table(starts, ends))
        tell("OSRM", f"matrix {half} × {half}", took, ours["table"])
        _, took = timed(lambda: [table([start], asked["stops"]) for start in starts[:100]])
        tell("OSRM", f"{asked['k']} nearest of {len(asked['stops'])}, by its table", took / 100, ours["nearest"])
        print("    OSRM       isochrone: it has none", flush=True)
        (again, _), (_, loaded) = say("contract", roads, "--segment-speed-file", closed), timed(
            lambda: osrm.OSRM(algorithm="CH", storage_config=str(roads), use_shared_memory=False)
        )
        tell("OSRM", "closing 2 km × 2 km, contracted anew and loaded", again + loaded, ours["closure"])
        say("extract", "-p", place / "car.lua", place / f"roads{end}")
        say("partition", roads)
        (again, _), (_, loaded) = say("customize", roads, "--segment-speed-file", closed), timed(
            lambda: osrm.OSRM(algorithm="MLD", storage_config=str(roads), use_shared_memory=False)
        )
        tell("OSRM", "closing 2 km × 2 km, customized (MLD) and loaded", again + loaded, ours["closure"])


def closed_segments(file, flood):
    """The stretches between nodes within a flood, both ways at no speed, as OSRM is told of them."""
    import osmium

    (west, south), (east, north) = flood[0], flood[2]
    inside, lines = set(), []
    for thing in osmium.FileProcessor(str(file)):
        if thing.is_node():
            if west <= thing.location.lon <= east and south <= thing.location.lat <= north:
                inside.add(thing.id)
        elif thing.is_way() and "highway" in thing.tags:
            refs = [node.ref for node in thing.nodes]
            both = [(a, b) for a, b in zip(refs, refs[1:]) if a in inside and b in inside]
            lines += [f"{a},{b},0\n{b},{a},0\n" for a, b in both]
    return "".join(lines)


def extract(folder, file):
    asked = json.loads((folder / "asked.json").read_text())
    print(f"  engines of their own on the same extract, {len(asked['pairs'])} pairs of positions:")
    for work in (with_valhalla, with_osrm):
        try:
            work(folder, file, asked)
        except (ImportError, subprocess.CalledProcessError) as why:
            print(f"    {work.__name__[5:]:<10} NOT RUN: {why}")


if __name__ == "__main__":
    if sys.argv[1] == "arcs":
        arcs_of(Path(sys.argv[2]))
    else:
        extract(Path(sys.argv[2]), Path(sys.argv[3]))
