"""Networks of our own, held against networkx and against what theory says."""

import hashlib
import math
import os
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyong.errors import QuestionRefused
from xinyong.lab import networks
from xinyong.lab.chance import Stream, chooses, everyone, summed, uniforms
from xinyong.lab.networks import Layer

SEEDS = st.integers(0, 2**40)


def kinds(n, shares=(1, 1, 1), seed=5):
    drawn = chooses(uniforms(seed, 0, Stream.GROUP, everyone(n)), summed(shares))
    return drawn.astype(np.uint8)


def town(n, seed, alike=0.5):
    layers = [
        Layer("household", everyone(n) // 3, math.inf),
        Layer("school", np.where(everyone(n) % 2 == 0, everyone(n) // 60, -1), 4, alike),
        Layer("district", everyone(n) // 200, 3, alike),
    ]
    return networks.communities(layers, kinds(n), seed)


MAKERS = {
    "random": lambda n, seed: networks.random_links(n, min(6, (n - 1) / 2), seed),
    "small world": lambda n, seed: networks.small_world(n, 4, 0.3, seed),
    "preferential": lambda n, seed: networks.preferential(n, 3, seed),
    "communities": town,
}


def in_networkx(network):
    graph = nx.Graph()
    graph.add_nodes_from(range(network.n))
    rows = np.repeat(np.arange(network.n), network.degrees())
    graph.add_edges_from(zip(rows.tolist(), network.indices.tolist(), strict=True))
    return graph


def check_shape(network):
    """What the module's note promises of every network."""
    assert network.indptr.dtype == np.int64
    assert network.indices.dtype == np.int32
    assert network.indptr[0] == 0
    assert network.indptr[-1] == len(network.indices) == 2 * network.links
    rows = np.repeat(np.arange(network.n), network.degrees())
    codes = rows * network.n + network.indices
    assert (np.diff(codes) > 0).all()  # rising, and no pair twice
    assert (rows != network.indices).all()
    back = np.sort(network.indices.astype(np.int64) * network.n + rows)
    assert np.array_equal(back, codes)


@settings(max_examples=40)
@given(st.sampled_from([*MAKERS]), st.integers(6, 300), SEEDS)
def test_every_network_has_the_promised_shape(name, n, seed):
    network = MAKERS[name](n, seed)
    check_shape(network)
    again = MAKERS[name](n, seed)
    assert np.array_equal(network.indices, again.indices)
    assert network.of(n - 1).tolist() == [*in_networkx(network)[n - 1]]


@pytest.mark.parametrize("name", MAKERS)
def test_seeds_differ(name):
    one, other = MAKERS[name](500, 1), MAKERS[name](500, 2)
    assert one.indices.tolist() != other.indices.tolist()


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_without_the_compiler_the_networks_are_the_same(engine):
    program = (
        "import hashlib, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import test_networks as t\n"
        "print(t.fingerprint())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XINYONG_ENGINE": engine},
    )
    assert told.stdout.strip() == fingerprint()


def fingerprint():
    """Digest of one network of each kind."""
    made = [make(400, 9) for make in MAKERS.values()]
    return hashlib.sha256(
        b"".join(g.indptr.tobytes() + g.indices.tobytes() for g in made)
    ).hexdigest()


def test_random_links_are_independent_pairs():
    n, mean = 20_000, 8
    network = networks.random_links(n, mean, 3)
    pairs, chance = n * (n - 1) / 2, mean / (n - 1)
    assert abs(network.links - pairs * chance) < 4 * math.sqrt(pairs * chance)
    # degrees are binomial, close to Poisson
    found = np.bincount(network.degrees(), minlength=30)[:20]
    wanted = np.array([n * math.exp(-mean) * mean**k / math.factorial(k) for k in range(20)])
    assert ((found - wanted) ** 2 / wanted).sum() < 19 + 4 * math.sqrt(2 * 19)
    # links fall anywhere: halves of the agents are linked as often within as between
    rows = np.repeat(np.arange(n), network.degrees())
    between = ((rows < n // 2) != (network.indices < n // 2)).mean()
    assert abs(between - 0.5) < 4 * 0.5 / math.sqrt(network.links)
    assert nx.average_clustering(in_networkx(networks.random_links(2000, 8, 3))) < 0.01


def test_every_pair_of_a_small_random_network_is_linked_equally_often():
    times = np.zeros((6, 6))
    for seed in range(3000):
        network = networks.random_links(6, 2, seed)
        rows = np.repeat(np.arange(6), network.degrees())
        times[rows, network.indices] += 1
    upper = times[np.triu_indices(6, 1)]
    assert np.abs(upper - 1200).max() < 4.5 * math.sqrt(3000 * 0.4 * 0.6)


def test_a_small_world_is_clustered_and_short_like_that_of_networkx():
    n, near, rewired = 1200, 10, 0.1
    ours = in_networkx(networks.small_world(n, near, rewired, 1))
    theirs = nx.watts_strogatz_graph(n, near, rewired, seed=1)
    assert abs(ours.number_of_edges() - n * near / 2) <= 10
    assert abs(nx.average_clustering(ours) - nx.average_clustering(theirs)) < 0.03
    lengths = [nx.average_shortest_path_length(graph) for graph in (ours, theirs)]
    assert abs(lengths[0] - lengths[1]) < 0.1
    degrees = [np.array([d for _, d in graph.degree()]) for graph in (ours, theirs)]
    assert abs(degrees[0].std() - degrees[1].std()) < 0.1


def test_an_unrewired_small_world_is_the_ring():
    ours = in_networkx(networks.small_world(50, 6, 0.0, 1))
    assert nx.utils.graphs_equal(ours, nx.watts_strogatz_graph(50, 6, 0.0))


def test_a_fully_rewired_small_world_is_random():
    ours = networks.small_world(5000, 8, 1.0, 1)
    assert nx.average_clustering(in_networkx(ours)) < 0.01
    # near / 2 links kept, near / 2 received: variance that of a Poisson number
    assert abs(ours.degrees().var() - 4) < 0.4


def test_preferential_links_have_the_known_degrees():
    n, m = 100_000, 4
    network = networks.preferential(n, m, 1)
    assert network.links == m * (n - m)
    assert network.degrees()[m + 1 :].min() == m
    degrees = network.degrees()
    # Bollobas, Riordan, Spencer and Tusnady 2001: share of degree k is 2 m (m+1) / (k (k+1) (k+2))
    for k in range(m, m + 12):
        wanted = 2 * m * (m + 1) / (k * (k + 1) * (k + 2))
        assert abs((degrees == k).mean() - wanted) < 5 * math.sqrt(wanted / n) + 0.001
    assert degrees.max() > 300


def test_preferential_links_are_like_those_of_networkx():
    n, m = 1500, 3
    ours = in_networkx(networks.preferential(n, m, 1))
    theirs = nx.barabasi_albert_graph(n, m, seed=1)
    assert nx.is_connected(ours)
    assert ours.number_of_edges() == theirs.number_of_edges()
    tails = [np.mean([d >= 12 for _, d in graph.degree()]) for graph in (ours, theirs)]
    assert abs(tails[0] - tails[1]) < 0.02
    lengths = [nx.average_shortest_path_length(graph) for graph in (ours, theirs)]
    assert abs(lengths[0] - lengths[1]) < 0.15


def test_a_household_knows_all_of_itself_and_none_else():
    household = np.array([0, 0, 1, 1, 1, 2, -1, 0])
    network = networks.communities([Layer("h", household, math.inf)], kinds(8), 1)
    for agent in range(8):
        same = np.flatnonzero((household == household[agent]) & (household >= 0)).tolist()
        assert network.of(agent).tolist() == [other for other in same if other != agent]


@pytest.mark.parametrize("alike", [0.0, 0.4, 1.0])
def test_communities_have_the_homophily_asked_for(alike):
    n = 60_000
    kind = kinds(n, (0.2, 0.3, 0.5))
    group = everyone(n) // 3000
    network = networks.communities([Layer("district", group, 8, alike)], kind, 7)
    rows = np.repeat(np.arange(n), network.degrees())
    assert (group[rows] == group[network.indices]).all()
    assert abs(network.degrees().mean() - 8) < 0.1
    for k, share in enumerate((0.2, 0.3, 0.5)):
        own = kind[rows] == k
        # stated at one end by this kind, at the other by any: both see the same index
        same = (kind[network.indices] == k)[own].mean()
        assert abs((same - share) / (1 - share) - alike) < 0.02


def test_layers_add_up_and_a_pair_has_one_link():
    n = 3000
    group = everyone(n) // 100
    one = Layer("one", group, 5, 0.3)
    both = networks.communities([one, Layer("two", group, 5, 0.3)], kinds(n), 1)
    alone = networks.communities([one], kinds(n), 1)
    held, whole = in_networkx(alone), in_networkx(both)
    assert all(whole.has_edge(a, b) for a, b in held.edges)
    assert whole.number_of_edges() > 1.8 * held.number_of_edges()
    check_shape(both)


def test_a_change_of_one_agent_changes_only_its_own_links():
    n = 2000
    group = everyone(n) // 200
    moved = group.copy()
    moved[5] = -1
    layers = [[Layer("school", g, 4)] for g in (group, moved)]
    before, after = (in_networkx(networks.communities(each, kinds(n), 1)) for each in layers)
    others = [edge for edge in before.edges if min(edge) >= 200]
    assert all(after.has_edge(*edge) for edge in others)
    assert after.degree(5) == 0


@given(st.lists(st.integers(-1, 9), max_size=60))
def test_arranging_keeps_the_order_within_a_cell(cells):
    order, starts, places = networks.arranged(np.array(cells, np.int64), 10)
    for cell in range(10):
        members = order[starts[cell] : starts[cell + 1]].tolist()
        assert members == [agent for agent, own in enumerate(cells) if own == cell]
    assert all(place == -1 or order[place] == agent for agent, place in enumerate(places))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: networks.random_links(10, 20, 1),
        lambda: networks.random_links(10, -1, 1),
        lambda: networks.small_world(10, 3, 0.1, 1),
        lambda: networks.small_world(10, 4, 1.5, 1),
        lambda: networks.preferential(5, 5, 1),
        lambda: networks.communities([Layer("h", np.zeros(3, int), 2)], kinds(4), 1),
    ],
)
def test_impossible_networks_are_refused(wrong):
    with pytest.raises(QuestionRefused) as caught:
        wrong()
    assert caught.value.why
    assert caught.value.mend


def test_small_and_empty_networks():
    assert networks.random_links(0, 0, 1).n == 0
    assert networks.random_links(5, 0, 1).links == 0
    assert networks.preferential(2, 1, 1).indices.tolist() == [1, 0]
    assert networks.communities([], np.zeros(3, np.uint8), 1).links == 0
