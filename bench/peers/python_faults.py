"""The Python contender of `bench -- faults`: one fault, what was observed on stdout as a line of JSON (bench/faults/observation.ts)."""

import json
import multiprocessing
import os
import resource
import signal
import sys
import time

BOUND = float(os.environ.get("FORKPOOL_BENCH_BOUND_MS", "6000")) / 1000


class AppError(Exception):
    def __init__(self, message):
        super().__init__(message)
        self.code = "E_APP"
        self.details = {"account": 17}


def begin(log):
    with open(log, "a") as file:
        file.write(f"{os.getpid()}\n")


def echo(argument):
    return argument


def pid(_argument):
    return os.getpid()


def exit_(log):
    begin(log)
    sys.exit(3)


def kill(log):
    begin(log)
    os.kill(os.getpid(), signal.SIGKILL)


def hoard(log):
    begin(log)
    resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
    everything = []
    while True:
        everything.append(bytearray(1 << 20))


def give_function(log):
    begin(log)
    return lambda: 1


def throw_custom(log):
    begin(log)
    raise AppError("no such account")


def spin(log):
    begin(log)
    while True:
        pass


def wait(log):
    begin(log)
    time.sleep(600)


def broken():
    raise RuntimeError("this module is broken")


def settled(result):
    try:
        return {"is": "fulfilled", "value": repr(result.get(BOUND))}
    except multiprocessing.TimeoutError:
        return {"is": "hangs"}
    except BaseException as error:
        return told(error)


def told(error):
    extra = {key: value for key, value in vars(error).items()}
    return {"is": "rejected", "name": type(error).__name__, "text": f"{error!r} {error} {error.__cause__} {extra}"}


def observed(pool, outcome):
    return {"outcome": outcome, "after": settled(pool.apply_async(echo, (7,)))}


TASKS = {
    "exit": exit_,
    "SIGKILL": kill,
    "memory": hoard,
    "result": give_function,
    "custom": throw_custom,
}


def main():
    cell, log = sys.argv[1], sys.argv[2]
    pool = multiprocessing.Pool(2, broken if cell == "load" else None)
    if cell == "load":
        return {"outcome": settled(pool.apply_async(echo, (1,)))}
    pool.apply(echo, (1,))
    if cell == "argument":
        return observed(pool, settled(pool.apply_async(echo, (lambda: 1,))))
    if cell == "idle":
        os.kill(pool.apply(pid, (0,)), signal.SIGKILL)
        return observed(pool, settled(pool.map_async(echo, range(8))))
    if cell == "terminate":
        pending = pool.apply_async(wait, (log,))
        while not os.path.exists(log):
            time.sleep(0.005)
        pool.terminate()
        return {"outcome": settled(pending)}
    if cell == "orphan":
        pool.apply_async(spin, (log,))
        time.sleep(600)
    return observed(pool, settled(pool.apply_async(TASKS[cell], (log,))))


if __name__ == "__main__":
    print(json.dumps(main()), flush=True)
    os._exit(0)
