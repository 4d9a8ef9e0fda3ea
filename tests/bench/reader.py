"""The reader beside its peers, in one run: PassportEye and stock tesseract on public specimens, and sets that this project draws itself.

Run by `make bench-reader` with the Python of a virtual environment that holds PassportEye. Writes target/bench/reader.json. Times are those
of one core (see readers.py), so that a busy machine does not change them much.
"""

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
from pathlib import Path

from readers import Peers, read, say

KEYS = ["number", "birth_date", "expiry_date"]
CHIP_CARDS = "vn-citizen-2021,vn-citizen-2024"
SETS = {"cards": ("--documents", CHIP_CARDS), "gate": ("--bad", "0.5")}


def words(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="target/debug/visavis")
    parser.add_argument("--specimen", default="target/debug/examples/specimen")
    parser.add_argument("--samples", default="../shared/samples/ocr", help="public specimens with truth.json; left out when absent")
    parser.add_argument("--out", default="target/bench/reader.json")
    parser.add_argument("--sets", default="target/bench/sets")
    parser.add_argument("--count", type=int, default=120, help="photographs of each half of a drawn set")
    parser.add_argument("--seed", type=int, default=9304)
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="readers side by side on the drawn sets")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    return parser.parse_args(argv)


def share(part, whole):
    return round(part / whole, 4) if whole else None


def value(result, name):
    return (result["fields"].get(name) or {}).get("value")


def zone_keys(lines):
    if len(lines) == 3:
        return lines[0][5:15], lines[1][0:7], lines[1][8:15]
    return (lines[1][0:10], lines[1][13:20], lines[1][21:28]) if len(lines) == 2 else None


def is_flagged(result):
    return bool(result["repaired"] or result["disagreements"])


def on_samples(options, figures):
    folder = Path(options.samples)
    if not (folder / "truth.json").exists():
        print(f"==> no public specimens under {folder}: their figures are left out (set SAMPLES=)")
        return
    truth = json.loads((folder / "truth.json").read_text())
    files = [folder / "images" / entry["file"] for entry in truth]
    peers = None if options.no_peers else Peers(files)
    results, memory = read(options.program, files, 1)
    sound = [(entry, result) for entry, result in zip(truth, results) if entry["checks_ok"]]
    exact = sum(result["mrz"] == entry["mrz"] for entry, result in sound)
    keys = sum(a == b for entry, result in sound for a, b in zip(zone_keys(entry["mrz"]), zone_keys(result["mrz"] or []) or ()))
    wrong = [entry["file"] for entry, result in zip(truth, results) if result["mrz_valid"] and result["mrz"] != entry["mrz"] and not is_flagged(result)]
    figures.update(mrz_exact=exact, mrz_of=len(sound), key_fields_rate=share(keys, 3 * len(sound)), wrong_unflagged=len(wrong), wrong_unflagged_files=wrong)
    ours = [result["cpu_ms"] for result in results]
    figures["mrz_ms_p50"] = round(statistics.median(ours))
    figures["worker_rss_mb"] = round(memory)
    figures["mrz_missed"] = [entry["file"] for entry, result in sound if result["mrz"] != entry["mrz"]]
    for name, run in (peers.results() if peers else {}).items():
        figures[f"{name}_mrz_exact"] = sum(lines == entry["mrz"] for entry, lines in zip(truth, run["lines"]) if entry["checks_ok"])
        figures[f"{name}_ms_p50"] = round(run["p50"])
        figures[f"speed_vs_{name}"] = round(sum(run["times"]) / sum(ours), 2)


def draw(options, split, name):
    """Draws a set unless it lies there already."""
    folder = Path(options.sets) / f"{name}-{split}"
    wish = json.dumps([options.seed, options.count, *SETS[name]])
    if not (folder / "wish").exists() or (folder / "wish").read_text() != wish:
        command = [options.specimen, "set", "--seed", str(options.seed), "--count", str(options.count), "--out", str(folder), "--split", split, *SETS[name]]
        subprocess.run(command, check=True)
        (folder / "wish").write_text(wish)
    return folder


def read_set(options, split, name):
    folder = draw(options, split, name)
    truth = json.loads((folder / "truth.json").read_text())["images"]
    say(f"reading {len(truth)} photographs of the set {folder.name}")
    results, memory = read(options.program, [folder / entry["file"] for entry in truth], options.jobs)
    return list(zip(truth, results)), memory


def same(a, b):
    return a is not None and b is not None and " ".join(a.upper().split()) == " ".join(b.upper().split())


def is_code_read(truth, result):
    """A code is read when any field came from it, and then all that did say what it says."""
    from_code = {name: field["value"] for name, field in result["fields"].items() if field["source"] == "qr"}
    return bool(from_code) and all(same(value, truth["fields"][name]) for name, value in from_code.items() if name in truth["fields"])


def on_cards(options, split, figures):
    pairs, memory = read_set(options, split, "cards")
    taken = [(truth, result) for truth, result in pairs if result["accepted"]]
    figures["accepted_rate"] = share(len(taken), len(pairs))
    keys = [(truth["fields"][name], value(result, name)) for truth, result in taken for name in KEYS if name in truth["fields"]]
    figures["synth_key_rate"] = share(sum(a == b for a, b in keys), len(keys))
    texts = {"qr": [], "print": []}
    for truth, result in taken:
        for name in ("full_name", "residence"):
            field = result["fields"].get(name)
            if name in truth["fields"]:
                source = "qr" if field and field["source"] == "qr" else "print"
                texts[source].append((same(truth["fields"][name], field and field["value"]), truth["file"], name))
    for source, right in texts.items():
        figures[f"synth_text_{source}_rate"] = share(sum(is_right for is_right, *_ in right), len(right))
        figures[f"synth_text_{source}_missed"] = [f"{file} {name}" for is_right, file, name in right if not is_right]
    figures["synth_key_missed"] = [f"{truth['file']} {name}" for truth, result in taken for name in KEYS if name in truth["fields"] and truth["fields"][name] != value(result, name)]
    codes = [is_code_read(truth, result) for truth, result in pairs if truth["qr"] and truth["document_width"] >= 1000]
    figures["qr_rate"] = share(sum(codes), len(codes))
    for unit, suffix in (("cpu_ms", "ms"), ("ms", "wall_ms")):
        holders = {}
        for truth, result in pairs:
            holders.setdefault(truth["holder"], []).append(result[unit])
        both = sorted(sum(times) for times in holders.values() if len(times) == 2)
        figures[f"p50_{suffix}"], figures[f"p95_{suffix}"] = round(both[len(both) // 2]), round(both[len(both) * 95 // 100])
    return memory


def on_gate(options, split, figures):
    pairs, memory = read_set(options, split, "gate")
    good, bad = [pair for pair in pairs if pair[0]["good"]], [pair for pair in pairs if not pair[0]["good"]]
    figures["gate_of"] = {"good": len(good), "bad": len(bad)}
    figures["gate_false_refusal"] = share(sum(not result["accepted"] for _, result in good), len(good))
    figures["gate_false_pass"] = share(sum(result["accepted"] for _, result in bad), len(bad))
    figures["gate_false_pass_by_cause"] = {
        why: share(sum(result["accepted"] for truth, result in bad if truth["why"] == why), sum(truth["why"] == why for truth, _ in bad))
        for why in sorted({truth["why"] for truth, _ in bad})
    }
    figures["gate_wrong"] = [truth["file"] for truth, result in pairs if truth["good"] != result["accepted"]]
    return memory


def on_sets(options, split):
    """Figures of one half of the drawn sets."""
    figures = {}
    figures["worker_rss_mb"] = round(max(on_cards(options, split, figures), on_gate(options, split, figures)))
    return figures


BARS = {
    "mrz_exact": "≥ 36 of 39", "key_fields_rate": "≥ 0.98", "wrong_unflagged": "0", "synth_key_rate": "≥ 0.99", "synth_text_qr_rate": "≥ 0.97",
    "synth_text_print_rate": "≥ 0.90", "qr_rate": "≥ 0.97", "gate_false_refusal": "≤ 0.01", "gate_false_pass": "≤ 0.03", "p50_ms": "≤ 400",
    "p95_ms": "≤ 1500", "speed_vs_passporteye": "≥ 2", "worker_rss_mb": "≤ 300",
}


def main():
    options = words()
    figures = {}
    say("drawing the sets")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda wish: draw(options, *wish), [(split, name) for split in ("tuning", "testing") for name in SETS]))
    say("public specimens, and the peers on them")
    on_samples(options, figures)
    tuning, testing = on_sets(options, "tuning"), on_sets(options, "testing")
    memory = max(figures.get("worker_rss_mb", 0), tuning["worker_rss_mb"], testing["worker_rss_mb"])
    figures.update(testing)
    figures["worker_rss_mb"] = memory
    figures["tuning"] = tuning
    Path(options.out).parent.mkdir(parents=True, exist_ok=True)
    Path(options.out).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    print(f"{'figure':28}{'value':>12}  {'tuning':>10}  bar")
    for name in [*BARS, *(name for name in figures if name not in BARS and name != "tuning")]:
        if not isinstance(figures.get(name), (dict, list)):
            print(f"{name:28}{figures.get(name, '-')!s:>12}  {tuning.get(name, '-')!s:>10}  {BARS.get(name, '')}")
    print(f"==> {options.out}")


if __name__ == "__main__":
    main()
