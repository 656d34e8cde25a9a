"""The Python contender: one question, one answer on stdout as a line of JSON. bench/sample.ts names the fields."""

import concurrent.futures

# Loaded when they are first asked for: that would count as the start of a pool.
import concurrent.futures.process
import json
import multiprocessing
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.queues
import multiprocessing.synchronize
import os
import re
import resource
import sys
import threading
import time


def noop(_argument):
    pass


def echo(argument):
    return argument


def square(x):
    return x * x


def shout(text):
    return text.upper()


def older(person):
    return {"name": person["name"], "age": person["age"] + 1}


def pid(_argument):
    return os.getpid()


def spin(units):
    """As tasks.cjs: its unit, too, is about a microsecond, of which Python does less."""
    x = 1
    for _ in range(units * 10):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
    return x


def wait(ms):
    time.sleep(ms / 1000)


def units_for(ms):
    """As bench/calibration.ts, for Python's own `spin`."""
    laps = []
    for _ in range(10):
        start = time.perf_counter()
        spin(2_000)
        laps.append(time.perf_counter() - start)
    return max(1, round(ms / 1000 * 2_000 / min(laps)))


def record(i):
    """bench/questions/objects.ts has the same."""
    return {
        "id": i,
        "name": f"user number {i}",
        "email": f"user.{i}@mail.example.org",
        "active": i % 2 == 0,
        "score": i / 7,
        "tags": ["alpha", "beta", "gamma"],
        "address": {"street": "12 Long Street", "city": "Anytown", "zip": "12345"},
    }


class Pool:
    """multiprocessing's, of processes or threads, as bench/contenders/contender.ts sees a pool."""

    def __init__(self, make, workers, maxtasksperchild=None):
        options = {} if maxtasksperchild is None else {"maxtasksperchild": maxtasksperchild}
        self.pool = make(workers, **options)

    def call(self, task, argument):
        return self.pool.apply(task, (argument,))

    def call_all(self, task, args):
        results = [self.pool.apply_async(task, (argument,)) for argument in args]
        return [result.get() for result in results]

    def begin(self, task, args, done):
        """Submits all; what comes back waits for one each."""
        return [self.pool.apply_async(task, (argument,), callback=done).get for argument in args]

    def map(self, task, items):
        return self.pool.map(task, items)

    def close(self):
        self.pool.close()
        self.pool.join()


class Executor:
    """That of concurrent.futures. Its map sends each item alone unless it is told otherwise."""

    def __init__(self, workers):
        self.pool = concurrent.futures.ProcessPoolExecutor(workers)

    def call(self, task, argument):
        return self.pool.submit(task, argument).result()

    def call_all(self, task, args):
        futures = [self.pool.submit(task, argument) for argument in args]
        return [future.result() for future in futures]

    def begin(self, task, args, done):
        futures = [self.pool.submit(task, argument) for argument in args]
        for future in futures:
            future.add_done_callback(done)
        return [future.result for future in futures]

    def map(self, task, items):
        return list(self.pool.map(task, items))

    def close(self):
        self.pool.shutdown()


POOLS = {
    "Pool": lambda workers, **options: Pool(multiprocessing.Pool, workers, **options),
    "ThreadPool": lambda workers: Pool(multiprocessing.pool.ThreadPool, workers),
    "ProcessPoolExecutor": Executor,
}


class Seat:
    """As bench/question.ts."""

    def __init__(self, variant, kind, workers, tasks, rehearsals):
        self.variant, self.kind, self.workers, self.tasks, self.rehearsals = variant, kind, workers, tasks, rehearsals

    def open(self, **options):
        return POOLS[self.kind](self.workers, **options)


def children_us():
    """As bench/cpu.ts: the schedstat of every thread of every child, and what children had used that have ended."""
    if not sys.platform.startswith("linux"):
        return None
    children = multiprocessing.active_children()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (ended.ru_utime + ended.ru_stime) * 1e6 + sum(used_by(child.pid) for child in children)


def used_by(process):
    total = 0
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total / 1000


def timed(work, settled_after=0.025):
    """As bench/lap.ts."""
    children = children_us()
    master = time.process_time_ns()
    start = time.perf_counter_ns()
    value = work()
    wall = time.perf_counter_ns() - start
    time.sleep(settled_after)
    cpu = {
        "masterUs": (time.process_time_ns() - master) / 1000,
        "childrenUs": None if children is None else children_us() - children,
    }
    return value, {"wallMs": wall / 1e6, "cpu": cpu}


def rehearsed(seat, work):
    """As bench/question.ts."""
    for _ in range(seat.rehearsals):
        work()
    return timed(work)


def burst(seat):
    pool = seat.open()
    pool.call_all(noop, range(2_000))
    answers, lap = rehearsed(seat, lambda: pool.call_all(noop, range(seat.tasks)))
    assert len(answers) == seat.tasks
    return lap


def objects(seat):
    pool = seat.open()
    pool.call_all(echo, [record(i) for i in range(2_000)])
    args = [record(i) for i in range(seat.tasks)]
    answers, lap = rehearsed(seat, lambda: pool.call_all(echo, args))
    assert answers == args
    return lap


def map_items(seat):
    task, item, is_right = {
        "numbers": (square, lambda i: i, lambda answer, i: answer == i * i),
        "strings": (shout, lambda i: f"item {i}", lambda answer, i: answer == f"ITEM {i}"),
        "objects": (older, lambda i: {"name": f"person {i}", "age": i}, lambda answer, i: answer["age"] == i + 1),
    }[seat.variant.split(",")[0]]
    pool = seat.open()
    pool.map(task, [item(i) for i in range(2_000)])
    items = [item(i) for i in range(seat.tasks)]
    answers, lap = rehearsed(seat, lambda: pool.map(task, items))
    assert all(is_right(answer, i) for i, answer in enumerate(answers))
    return lap


def round_trip(seat):
    pool = seat.open()
    latencies(pool, 1_000)
    us, lap = rehearsed(seat, lambda: latencies(pool, seat.tasks))
    us.sort()
    return {**lap, "figures": {"p50Us": us[len(us) // 2], "p99Us": us[len(us) * 99 // 100]}}


def latencies(pool, calls):
    us = []
    for i in range(calls):
        start = time.perf_counter_ns()
        answer = pool.call(echo, i)
        us.append((time.perf_counter_ns() - start) / 1000)
        assert answer == i
    return us


def buffers(seat):
    size = int(seat.variant.split()[0]) * 2**20
    # Each its own, as there: one alone would always lie in the cache.
    args = [bytes([i % 255 + 1]) * size for i in range(seat.tasks)]
    pool = seat.open()
    pool.call_all(echo, args[: max(2, -(-seat.tasks // 8))])
    answers, lap = rehearsed(seat, lambda: pool.call_all(echo, args))
    assert answers == args
    return {**lap, "figures": {"bytes": size}}


def cpu(seat):
    units = units_for(float(seat.variant.split()[0]))
    pool = seat.open()
    answers, lap = rehearsed(seat, lambda: pool.call_all(spin, [units] * seat.tasks))
    assert len(set(answers)) == 1
    return lap


def skewed(seat):
    long = units_for(20)
    is_long = {
        "at the tail": lambda i: i >= seat.tasks - 40,
        "at the head": lambda i: i < 40,
        "scattered": lambda i: i % (seat.tasks // 40) == seat.tasks // 80,
    }[seat.variant]
    items = [long if is_long(i) else 1 for i in range(seat.tasks)]
    pool = seat.open()
    pool.map(spin, [1] * 2_000)
    answers, lap = rehearsed(seat, lambda: pool.map(spin, items))
    assert len(answers) == seat.tasks
    return lap


def io(seat):
    pool = seat.open()
    pool.call_all(wait, [1] * 64)
    _, lap = timed(lambda: pool.call_all(wait, [50] * seat.tasks))
    return {**lap, "figures": {"idealMs": seat.tasks * 50 / (seat.workers * 16)}}


def startup(seat):
    def first():
        answered = threading.Event()
        start = time.perf_counter_ns()
        pool = seat.open()
        waits = pool.begin(echo, range(seat.tasks), lambda _: answered.set())
        answered.wait()
        ms = (time.perf_counter_ns() - start) / 1e6
        for wait_for in waits:
            wait_for()
        return ms

    first_ms, lap = timed(first, 0.25)
    return {**lap, "figures": {"firstMs": first_ms}}


def recycling(seat):
    units = units_for(1)

    def computed(**options):
        pool = seat.open(**options)
        pool.call_all(spin, [units] * 300)
        _, lap = timed(lambda: pool.call_all(spin, [units] * seat.tasks))
        pool.close()
        return lap

    plain = computed()["wallMs"]
    lap = computed(maxtasksperchild=100)
    return {**lap, "figures": {"plainMs": plain, "timesPlain": lap["wallMs"] / plain}}


def memory(seat):
    pool = seat.open()
    pids, lap = timed(lambda: pool.call_all(pid, range(seat.tasks)))
    time.sleep(1)
    return {**lap, "figures": memory_of(set(pids))}


def memory_of(pids):
    """As bench/memory.ts."""
    if not sys.platform.startswith("linux"):
        return {}
    rollups = [open(f"/proc/{each}/smaps_rollup").read() for each in pids]
    mean = lambda name: sum(int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1]) for text in rollups) / len(rollups) / 1024
    return {"rssMiB": mean("Rss"), "pssMiB": mean("Pss")}


def threads(seat):
    if seat.variant == "burst":
        return burst(seat)
    seat.variant = "numbers"
    return map_items(seat)


def peak_mib():
    """As bench/memory.ts. ru_maxrss is in KiB, on macOS in bytes."""
    if sys.platform.startswith("linux"):
        return int(re.search(r"^VmHWM:\s+(\d+) kB", open("/proc/self/status").read(), re.M)[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


QUESTIONS = {
    "burst": burst,
    "objects": objects,
    "map": map_items,
    "round-trip": round_trip,
    "buffers": buffers,
    "cpu": cpu,
    "skewed": skewed,
    "io": io,
    "startup": startup,
    "recycling": recycling,
    "memory": memory,
    "threads": threads,
}


def main():
    question, variant, kind = sys.argv[1:4]
    workers, tasks, rehearsals = (int(each) for each in sys.argv[4:7])
    lap = QUESTIONS[question](Seat(variant, kind, workers, tasks, rehearsals))
    print(json.dumps({"tasks": tasks, **lap, "peakMiB": peak_mib()}), flush=True)
    # Its children are daemons or wait for nothing; the runner ends what is left.
    os._exit(0)


if __name__ == "__main__":
    main()
