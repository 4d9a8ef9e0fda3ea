"""The reader beside its peers, in one run: PassportEye and stock tesseract on public specimens, and sets that this project draws itself.

Run by `make bench-reader` with the Python of a virtual environment that holds PassportEye. Writes target/bench/reader.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import threading
import time
from pathlib import Path

KEYS = ["number", "birth_date", "expiry_date"]
CHIP_CARDS = "vn-citizen-2021,vn-citizen-2024"


def words(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="target/debug/visavis")
    parser.add_argument("--specimen", default="target/debug/examples/specimen")
    parser.add_argument("--samples", default="../shared/samples/ocr", help="public specimens with truth.json; left out when absent")
    parser.add_argument("--out", default="target/bench/reader.json")
    parser.add_argument("--sets", default="target/bench/sets")
    parser.add_argument("--count", type=int, default=200, help="photographs of each drawn set")
    parser.add_argument("--seed", type=int, default=9303)
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    return parser.parse_args(argv)


class Memory(threading.Thread):
    """The largest resident size of any reader child of a process."""

    def __init__(self, parent):
        super().__init__(daemon=True)
        self.parent, self.most, self.over = parent, 0, False

    def run(self):
        while not self.over:
            for child in Path("/proc").glob("[0-9]*"):
                try:
                    status = dict(line.split(":", 1) for line in (child / "status").read_text().splitlines() if ":" in line)
                    if int(status["PPid"]) == self.parent and b"reader-child" in (child / "cmdline").read_bytes():
                        self.most = max(self.most, int(status["VmHWM"].split()[0]))
                except (OSError, KeyError, ValueError):
                    continue
            time.sleep(0.5)


def read(program, files):
    """What `visavis read` says of each file, and the memory of its child in MB."""
    process = subprocess.Popen([program, "read", *map(str, files)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    memory = Memory(process.pid)
    memory.start()
    results = [json.loads(line) for line in process.stdout]
    memory.over = True
    if process.wait() != 0:
        raise SystemExit(f"visavis read ended with {process.returncode}")
    return results, memory.most / 1024


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


def stock_tesseract(file):
    """The last lines of tesseract's text that could be a zone."""
    text = subprocess.run(["tesseract", str(file), "-", "-l", "eng"], capture_output=True, text=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}).stdout
    lines = [line.replace(" ", "") for line in text.splitlines()]
    return [line for line in lines if len(line) > 20 and "<" in line]


def passporteye(file):
    from passporteye import read_mrz

    try:
        zone = read_mrz(str(file))
    except Exception:
        return []
    text = zone.aux.get("raw_text", "") if zone else ""
    return [line.replace(" ", "") for line in text.splitlines() if line.strip()]


def timed(reader, files):
    found, times = [], []
    for file in files:
        began = time.perf_counter()
        found.append(reader(file))
        times.append((time.perf_counter() - began) * 1000)
    return found, times


def on_samples(options, figures):
    folder = Path(options.samples)
    if not (folder / "truth.json").exists():
        print(f"==> no public specimens under {folder}: their figures are left out (set SAMPLES=)")
        return
    truth = json.loads((folder / "truth.json").read_text())
    files = [folder / "images" / entry["file"] for entry in truth]
    results, memory = read(options.program, files)
    sound = [(entry, result) for entry, result in zip(truth, results) if entry["checks_ok"]]
    exact = sum(result["mrz"] == entry["mrz"] for entry, result in sound)
    keys = sum(a == b for entry, result in sound for a, b in zip(zone_keys(entry["mrz"]), zone_keys(result["mrz"] or []) or ()))
    wrong = [entry["file"] for entry, result in zip(truth, results) if result["mrz_valid"] and result["mrz"] != entry["mrz"] and not is_flagged(result)]
    figures.update(mrz_exact=exact, mrz_of=len(sound), key_fields_rate=share(keys, 3 * len(sound)), wrong_unflagged=len(wrong), wrong_unflagged_files=wrong)
    figures["mrz_ms_p50"] = round(statistics.median(result["ms"] for result in results))
    figures["worker_rss_mb"] = round(max(memory, figures.get("worker_rss_mb", 0)))
    figures["mrz_missed"] = [entry["file"] for entry, result in sound if result["mrz"] != entry["mrz"]]
    if options.no_peers:
        return
    ours = [result["ms"] for result in results]
    for name, reader in (("passporteye", passporteye), ("tesseract", stock_tesseract)):
        reader(files[0])
        found, times = timed(reader, files)
        figures[f"{name}_mrz_exact"] = sum(lines == entry["mrz"] for entry, lines in zip(truth, found) if entry["checks_ok"])
        figures[f"{name}_ms_p50"] = round(statistics.median(times))
        figures[f"speed_vs_{name}"] = round(sum(times) / sum(ours), 2)


def drawn(options, split, name, count, *more):
    folder = Path(options.sets) / f"{name}-{split}"
    wish = json.dumps([options.seed, count, more])
    if not (folder / "wish").exists() or (folder / "wish").read_text() != wish:
        command = [options.specimen, "set", "--seed", str(options.seed), "--count", str(count), "--out", str(folder), "--split", split, *more]
        subprocess.run(command, check=True)
        (folder / "wish").write_text(wish)
    truth = json.loads((folder / "truth.json").read_text())["images"]
    results, memory = read(options.program, [folder / entry["file"] for entry in truth])
    return list(zip(truth, results)), memory


def same(a, b):
    return a is not None and b is not None and " ".join(a.upper().split()) == " ".join(b.upper().split())


def on_set(options, split):
    """Figures of one half of the drawn sets."""
    figures = {}
    pairs, memory = drawn(options, split, "cards", options.count, "--documents", CHIP_CARDS)
    figures["worker_rss_mb"] = memory
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
                texts[source].append(same(truth["fields"][name], field and field["value"]))
    for source, right in texts.items():
        figures[f"synth_text_{source}_rate"] = share(sum(right), len(right))
    codes = [(truth, result) for truth, result in pairs if truth["qr"] and truth["document_width"] >= 1000]
    read_codes = [(result["fields"].get("full_name") or {}).get("source") == "qr" and same(value(result, "full_name"), truth["fields"].get("full_name", value(result, "full_name"))) for truth, result in codes]
    figures["qr_rate"] = share(sum(read_codes), len(codes))
    holders = {}
    for truth, result in pairs:
        holders.setdefault(truth["holder"], []).append(result["ms"])
    both = sorted(sum(times) for times in holders.values() if len(times) == 2)
    figures["p50_ms"], figures["p95_ms"] = both[len(both) // 2], both[len(both) * 95 // 100]
    gate, memory = drawn(options, split, "gate", options.count, "--bad", "0.5")
    figures["worker_rss_mb"] = round(max(memory, figures["worker_rss_mb"]))
    good, bad = [pair for pair in gate if pair[0]["good"]], [pair for pair in gate if not pair[0]["good"]]
    figures["gate_false_refusal"] = share(sum(not result["accepted"] for _, result in good), len(good))
    figures["gate_false_pass"] = share(sum(result["accepted"] for _, result in bad), len(bad))
    figures["gate_false_pass_by_cause"] = {
        why: share(sum(result["accepted"] for truth, result in bad if truth["why"] == why), sum(truth["why"] == why for truth, _ in bad))
        for why in sorted({truth["why"] for truth, _ in bad})
    }
    return figures


BARS = {
    "mrz_exact": "≥ 36 of 39", "key_fields_rate": "≥ 0.98", "wrong_unflagged": "0", "synth_key_rate": "≥ 0.99", "synth_text_qr_rate": "≥ 0.97",
    "synth_text_print_rate": "≥ 0.90", "qr_rate": "≥ 0.97", "gate_false_refusal": "≤ 0.01", "gate_false_pass": "≤ 0.03", "p50_ms": "≤ 400",
    "p95_ms": "≤ 1500", "speed_vs_passporteye": "≥ 2", "worker_rss_mb": "≤ 300",
}


def main():
    options = words()
    figures = {}
    on_samples(options, figures)
    tuning, testing = on_set(options, "tuning"), on_set(options, "testing")
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
