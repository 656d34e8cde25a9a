"""The Python contender: one question, one answer on stdout as a line of JSON. bench/sample.ts names the fields."""

import json
import multiprocessing
import multiprocessing.pool
import os
import resource
import sys
import time


def noop(_argument):
    pass


def echo(argument):
    return argument


def square(x):
    return x * x


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


def call_all(pool, task, args):
    results = [pool.apply_async(task, (argument,)) for argument in args]
    return [result.get() for result in results]


def children_us():
    """As bench/cpu.ts: the schedstat of every thread of every child. None where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return None
    total = 0
    for child in multiprocessing.active_children():
        for thread in os.listdir(f"/proc/{child.pid}/task"):
            with open(f"/proc/{child.pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
    return total / 1000


def timed(work):
    """As bench/lap.ts."""
    children = children_us()
    master = time.process_time_ns()
    start = time.perf_counter_ns()
    value = work()
    wall = time.perf_counter_ns() - start
    time.sleep(0.025)
    cpu = {
        "masterUs": (time.process_time_ns() - master) / 1000,
        "childrenUs": None if children is None else children_us() - children,
    }
    return value, {"wallMs": wall / 1e6, "cpu": cpu}


def burst(pool, tasks):
    call_all(pool, noop, range(2_000))
    answers, lap = timed(lambda: call_all(pool, noop, range(tasks)))
    assert len(answers) == tasks
    return lap


def objects(pool, tasks):
    call_all(pool, echo, [record(i) for i in range(2_000)])
    args = [record(i) for i in range(tasks)]
    answers, lap = timed(lambda: call_all(pool, echo, args))
    assert answers == args
    return lap


def map_numbers(pool, tasks):
    pool.map(square, range(2_000))
    items = list(range(tasks))
    answers, lap = timed(lambda: pool.map(square, items))
    assert all(answer == i * i for i, answer in enumerate(answers))
    return lap


def round_trip(pool, tasks):
    latencies(pool, 1_000)
    us, lap = timed(lambda: latencies(pool, tasks))
    us.sort()
    return {**lap, "latency": {"p50Us": us[len(us) // 2], "p99Us": us[len(us) * 99 // 100]}}


def latencies(pool, calls):
    us = []
    for i in range(calls):
        start = time.perf_counter_ns()
        answer = pool.apply(echo, (i,))
        us.append((time.perf_counter_ns() - start) / 1000)
        assert answer == i
    return us


QUESTIONS = {"burst": burst, "objects": objects, "map": map_numbers, "round-trip": round_trip}
POOLS = {"Pool": multiprocessing.Pool, "ThreadPool": multiprocessing.pool.ThreadPool}


def main():
    question, kind, workers, tasks = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with POOLS[kind](workers) as pool:
        lap = QUESTIONS[question](pool, tasks)
        # ru_maxrss is in KiB, on macOS in bytes.
        unit = 2**20 if sys.platform == "darwin" else 2**10
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        print(json.dumps({"tasks": tasks, **lap, "peakMiB": peak}), flush=True)


if __name__ == "__main__":
    main()
