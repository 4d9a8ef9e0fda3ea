"""How each reader is run and timed: ours in processes side by side, its peers one file after another.

Times are those of the processor, of a process and its children: what one core needs, whatever else the machine does.
"""

import concurrent.futures
import json
import os
import resource
import statistics
import subprocess
from pathlib import Path

ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def child_of(parent):
    """The reader child of a `visavis read`."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
            if int(status["PPid"]) == parent and b"reader-child" in (folder / "cmdline").read_bytes():
                return folder
        except (OSError, KeyError, ValueError):
            continue
    return None


def busy_ms(child):
    """Milliseconds of a core that a process has used."""
    return int((child / "schedstat").read_text().split()[0]) / 1e6


def read_here(program, files):
    """What `visavis read` says of each file, with `cpu_ms` added, and the memory of its child in MB.

    The child starts on a file as soon as it has answered for the one before; the first file of all warms it up and is told apart.
    """
    process = subprocess.Popen([program, "read", str(files[0]), *map(str, files)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    results, child, before, memory = [], None, 0.0, 0.0
    for line in process.stdout:
        result = json.loads(line)
        folder = child if child and (child / "schedstat").exists() else child_of(process.pid)
        # A child that was replaced, or is gone with the last answer, cannot be asked.
        if folder:
            now = busy_ms(folder)
            result["cpu_ms"] = now - before if folder == child else None
            before, child = now, folder
            memory = max(memory, int(dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line).get("VmHWM", "0 kB").split()[0]) / 1024)
        result["cpu_ms"] = result.get("cpu_ms") or result["ms"]
        results.append(result)
    if process.wait() != 0:
        raise SystemExit(f"visavis read ended with {process.returncode}")
    return results[1:], memory


def read(program, files, jobs):
    """The same with several processes, each taking a run of the files."""
    size = -(-len(files) // jobs)
    runs = [files[at : at + size] for at in range(0, len(files), size)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda run: read_here(program, run), runs))
    return [result for results, _ in parts for result in results], max(memory for _, memory in parts)


def stock_tesseract(file):
    """The last lines of tesseract's text that could be a zone."""
    text = subprocess.run(["tesseract", str(file), "-", "-l", "eng"], capture_output=True, text=True, env={**os.environ, **ONE_THREAD}).stdout
    lines = [line.replace(" ", "") for line in text.splitlines()]
    return [line for line in lines if len(line) > 20 and "<" in line]


def passporteye(file):
    import warnings

    warnings.filterwarnings("ignore")
    from passporteye import read_mrz

    try:
        zone = read_mrz(str(file))
    except Exception:
        return []
    text = zone.aux.get("raw_text", "") if zone else ""
    return [line.replace(" ", "") for line in text.splitlines() if line.strip()]


def used():
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def timed(reader, files):
    reader(files[0])
    found, times = [], []
    for file in files:
        began = used()
        found.append(reader(file))
        times.append((used() - began) * 1000)
    return found, times


def peer(name):
    """Runs in a process of its own: nothing else counts into its time."""
    os.environ.update(ONE_THREAD)
    return {"passporteye": passporteye, "tesseract": stock_tesseract}[name]


def run_peer(name, files):
    found, times = timed(peer(name), files)
    return {"lines": found, "times": times, "p50": statistics.median(times)}


class Peers:
    """The peers at work in processes of their own while something else is measured."""

    def __init__(self, files, names=("passporteye", "tesseract")):
        self.pool = concurrent.futures.ProcessPoolExecutor(1)
        self.runs = {name: self.pool.submit(run_peer, name, files) for name in names}

    def results(self):
        found = {name: run.result() for name, run in self.runs.items()}
        self.pool.shutdown()
        return found


def say(text):
    """Says what is being done, on a line of its own."""
    print(f"==> {text}", flush=True)
