"""Other engines beside ours, for `cargo bench --bench answers -- roads`.

`arcs FOLDER`: libraries that take arcs (pandana, igraph, networkx) answer our questions on our arcs; costs must be equal.
`extract FOLDER FILE`: engines that read the extract themselves (Valhalla, OSRM) go the same 500 ways.

Needs what can be had of: pandana igraph networkx numpy psutil pyvalhalla osrm-bindings osmium. What is missing is said.
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
    tell("pandana", f"field of the {asked['k']} nearest", took, ours["field_k"])


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
        print(f"    networkx   not run: more than {NETWORKX_ARCS_MAX} arcs")
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
    turned = graph.reverse(copy=False)
    _, took = timed(lambda: networkx.multi_source_dijkstra_path_length(turned, set(asked["stops"]), weight="w"))
    tell("networkx", "field of the nearest one", took, ours["field_1"])


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
            print(f"    {work.__name__[5:]:<10} not run: {missing}")


def compare(who, what, pairs, kind, theirs, elsewhere):
    """Prints how the lengths of the same ways agree, and what those have in common that differ. `theirs` in metres;
    `elsewhere`: the pairs of which an end was put on another road, more than 5 m off."""
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


def with_valhalla(folder, file, pairs):
    import valhalla

    data = folder / "valhalla.osm.pbf"
    subprocess.run(
        [sys.executable, "-c", "import osmium, sys\nw = osmium.SimpleWriter(sys.argv[2])\nfor o in osmium.FileProcessor(sys.argv[1]): w.add(o)\nw.close()", str(file), str(data)],
        check=True,
    )
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=str(folder / "tiles"), verbose=False)
    config["service_limits"]["auto"].update(max_matrix_location_pairs=4_000_000, max_matrix_distance=400_000.0, max_locations=2000)
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # By its path: the package's own launcher does not find it in every place that it may be installed to.
    program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    build = [str(program), "-c", str(path), str(data)]
    _, built = timed(lambda: subprocess.run(build, check=True, **quiet))
    tell("Valhalla", "build", built)
    actor = valhalla.Actor(str(path))
    at = lambda place: {"lon": place[0], "lat": place[1]}

    def route(pair, shortest):
        asked = {
            "locations": [at(pair["from"]), at(pair["to"])],
            "costing": "auto",
            "costing_options": {"auto": {"shortest": shortest}},
            "directions_type": "none",
        }
        try:
            summary = actor.route(asked)["trip"]["summary"]
            return summary["length"] * 1000.0, summary["time"]
        except RuntimeError:
            return None, None

    def aside(place):
        found = actor.locate({"locations": [at(place)], "costing": "auto"})[0]["edges"] or []
        east = 111_320.0 * math.cos(math.radians(place[1]))
        off = lambda edge: math.hypot((edge["correlated_lon"] - place[0]) * east, (edge["correlated_lat"] - place[1]) * 111_000.0)
        return min(map(off, found), default=math.inf)

    elsewhere = {i for i, pair in enumerate(pairs) if max(aside(pair["from"]), aside(pair["to"])) > 5.0}
    shortest, took = timed(lambda: [route(pair, True)[0] for pair in pairs])
    tell("Valhalla", "route", took / len(pairs))
    compare("Valhalla", "length of the shortest way", pairs, "shortest", shortest, elsewhere)
    quickest = [route(pair, False) for pair in pairs]
    compare("Valhalla", "length of the quickest way", pairs, "quickest", [q[0] for q in quickest], elsewhere)
    both = [(p["quickest"][1], q[1]) for p, q in zip(pairs, quickest) if p["quickest"] and q[1]]
    print(f"    Valhalla   time of the quickest way: median ours / theirs {statistics.median(a / b for a, b in both):.3f}")
    places = [at(p["from"]) for p in pairs], [at(p["to"]) for p in pairs]
    table = {"sources": places[0], "targets": places[1], "costing": "auto"}
    _, took = timed(lambda: actor.matrix(table))
    tell("Valhalla", f"matrix {len(pairs)} × {len(pairs)}", took)
    contours = {"locations": [places[0][0]], "costing": "auto", "contours": [{"time": 15}]}
    _, took = timed(lambda: actor.isochrone(contours))
    tell("Valhalla", "isochrone of 15 minutes, drawn", took)


def with_osrm(folder, file, pairs):
    import osrm

    profiles = Path(osrm.__file__).parent / "share" / "profiles"
    lua = (profiles / "car.lua").read_text()
    near = f"package.path = '{profiles}/?.lua;' .. package.path\n"
    metric = lua.replace("weight_name                     = 'routability'", "weight_name                     = 'distance'")
    for name, text in (("distance", metric), ("time", lua)):
        place = folder / name
        place.mkdir()
        (place / "car.lua").write_text(near + text)
        os.symlink(file, place / "roads.osm")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        say = lambda *words: subprocess.run([sys.executable, "-m", "osrm", *words], check=True, **quiet)
        roads = str(place / "roads.osrm")
        _, built = timed(lambda: (say("extract", "-p", str(place / "car.lua"), str(place / "roads.osm")), say("contract", roads)))
        tell("OSRM", f"build by {name}", built)
        engine = osrm.OSRM(algorithm="CH", storage_config=roads, use_shared_memory=False, max_locations_distance_table=4000)

        def route(pair):
            try:
                asked = osrm.RouteParameters(coordinates=[tuple(pair["from"]), tuple(pair["to"])], overview="false")
                answer = engine.Route(asked)
                best = answer["routes"][0]
                return best["distance"], best["duration"], max(end["distance"] for end in answer["waypoints"])
            except RuntimeError:
                return None, None, math.inf

        answers, took = timed(lambda: [route(pair) for pair in pairs])
        tell("OSRM", "route", took / len(pairs))
        elsewhere = {i for i, answer in enumerate(answers) if answer[2] > 5.0}
        kind = "shortest" if name == "distance" else "quickest"
        compare("OSRM", f"length of the {kind} way", pairs, kind, [a[0] for a in answers], elsewhere)
        places = [tuple(p["from"]) for p in pairs] + [tuple(p["to"]) for p in pairs]
        half = len(pairs)
        table = osrm.TableParameters(coordinates=places, sources=list(range(half)), destinations=list(range(half, 2 * half)))
        _, took = timed(lambda: engine.Table(table))
        tell("OSRM", f"matrix {half} × {half}", took)
        if name == "time":
            both = [(p["quickest"][1], a[1]) for p, a in zip(pairs, answers) if p["quickest"] and a[1]]
            print(f"    OSRM       time of the quickest way: median ours / theirs {statistics.median(a / b for a, b in both):.3f}")


def extract(folder, file):
    pairs = json.loads((folder / "asked.json").read_text())["pairs"]
    print(f"  engines of their own on the same extract, {len(pairs)} pairs of positions:")
    for work in (with_valhalla, with_osrm):
        try:
            work(folder, file, pairs)
        except (ImportError, subprocess.CalledProcessError) as why:
            print(f"    {work.__name__[5:]:<10} not run: {why}")


if __name__ == "__main__":
    if sys.argv[1] == "arcs":
        arcs_of(Path(sys.argv[2]))
    else:
        extract(Path(sys.argv[2]), Path(sys.argv[3]))
