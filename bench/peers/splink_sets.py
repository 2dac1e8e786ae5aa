"""The labelled sets of bench/link-oracle.ts through Splink: the same rules, comparisons of its own library, F1 and CPU seconds.
Usage: python splink_sets.py FOLDER_WITH_THE_SETS   (pip install splink==4.0.9)"""
import json
import logging
import sys
import time
import warnings

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
data = sys.argv[1]


def fake_1000():
    d = pd.read_csv(f"{data}/splink/data/fake_1000.csv", dtype=str)
    d = d.rename(columns={"cluster": "truth", "first_name": "given", "surname": "family", "dob": "birth"})
    return d, [cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.LevenshteinAtThresholds("email", 2)], ["birth", "given", "family", "email"]


def febrl(number):
    d = pd.read_csv(f"{data}/febrl/dataset{number}.csv", dtype=str, skipinitialspace=True)
    d.columns = [c.strip() for c in d.columns]
    d["truth"] = d.rec_id.str.extract(r"rec-(\d+)")[0]
    d = d.rename(columns={"rec_id": "unique_id", "given_name": "given", "surname": "family", "date_of_birth": "birth"})
    more = [cl.DamerauLevenshteinAtThresholds(c, [1, 2]) for c in ("postcode", "soc_sec_id", "suburb")]
    return d, more, ["birth", "given", "family", "soc_sec_id"]


def rldata():
    d = pd.read_csv(f"{data}/recordlinkage/RLdata500.csv", dtype=str)
    d["birth"] = d.by + d.bm.str.zfill(2) + d.bd.str.zfill(2)
    d["unique_id"] = range(len(d))
    d = d.rename(columns={"identity": "truth", "fname_c1": "given", "lname_c1": "family"})
    return d, [], ["birth", "given", "family"]


def run(name, made):
    frame, more, rules = made
    began = time.process_time()
    comparisons = [
        cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
        cl.JaroWinklerAtThresholds("given", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("family", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        *more,
    ]
    settings = SettingsCreator(link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=[block_on(r) for r in rules])
    linker = Linker(frame, settings, DuckDBAPI())
    certain = ["l.birth = r.birth and l.given = r.given and l.family = r.family"]
    if "email" in frame:
        certain.append("l.email = r.email")
    if "soc_sec_id" in frame:
        certain.append("l.soc_sec_id = r.soc_sec_id")
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    seconds = time.process_time() - began
    truth = frame.set_index("unique_id").truth
    found = found.assign(ok=truth.loc[found.unique_id_l].values == truth.loc[found.unique_id_r].values).sort_values("match_probability", ascending=False)
    sizes = frame.groupby("truth").size()
    true_pairs = int((sizes * (sizes - 1) // 2).sum())
    chosen = found[found.match_probability >= 0.5]
    right = int(chosen.ok.sum())
    hits = found.ok.cumsum().to_numpy()
    best = max(2 * h / (true_pairs + i + 1) for i, h in enumerate(hits))
    print(json.dumps({"set": name, "truePairs": true_pairs, "precision": right / len(chosen), "recall": right / true_pairs, "f1": 2 * right / (true_pairs + len(chosen)), "bestF1": best, "cpuSeconds": seconds}))


for name, make in {"fake_1000": fake_1000, "febrl_1": lambda: febrl(1), "febrl_2": lambda: febrl(2), "RLdata500": rldata}.items():
    try:
        run(name, make())
    except Exception as error:
        print(json.dumps({"set": name, "failed": type(error).__name__}))
