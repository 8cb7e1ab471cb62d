# Starts programs for a worker, one at a time, as launcher.pl does and with the same requests and answers. It knows nothing of jobs.
# posix_spawn shares the memory of this process with its child until exec, where a fork copies the tables of all its pages:
# a third of the price of a short command.
# Built-in modules only: `os` and `signal` import others, which doubles the time until it is ready.
import _signal as signal
import posix as os

ENOEXEC, EINVAL, SOON = 8, 22, 0.01
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)
CHILD = (signal.SIGCHLD,)
if not hasattr(os, "posix_spawn"):  # before Python 3.8
    os._exit(1)
try:
    # Not os.environ: Python adds LC_CTYPE to that where the locale is C.
    with open("/proc/self/environ", "rb") as file:
        INHERITED = dict(pair.split(b"=", 1) for pair in file.read().split(b"\0") if pair.find(b"=") > 0)
except OSError:  # no Linux
    os._exit(1)
for number in SIGNALS:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, CHILD)
ATTRIBUTES = {"setpgroup": 0, "setsigdef": SIGNALS, "setsigmask": ()}
os.set_inheritable(3, False)
REQUESTS = os.dup(0)
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)


def answer(*words):
    try:
        os.write(3, b" ".join(b"%d" % word if isinstance(word, int) else word for word in words) + b"\n")
    except BrokenPipeError:
        pass  # The worker is gone, and so are its requests.


def requests():
    taken = b""
    while True:
        size = 4 + int.from_bytes(taken[:4], "big")
        if 4 < size <= len(taken):
            yield taken[4:size]
            taken = taken[size:]
            continue
        more = os.read(REQUESTS, 65536)
        if not more:
            os._exit(0)
        taken += more


def start(directory, file, argv, env):
    os.chdir(directory)
    try:
        return os.posix_spawn(file, argv, env, **ATTRIBUTES)
    except OSError as error:
        # A script without #!: as execvp does.
        if error.errno != ENOEXEC:
            raise
        return os.posix_spawn(b"/bin/sh", [b"/bin/sh", file, *argv[1:]], env, **ATTRIBUTES)


def wait(pid):
    # One answer is enough for what ends at once: each wakes the worker. A SIGCHLD may also mean that it was stopped.
    if signal.sigtimedwait(CHILD, SOON):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
    answer(b"started", pid)
    status = os.waitpid(pid, 0)[1]
    signal.sigtimedwait(CHILD, 0)
    return status


def end_group(leader):
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    except PermissionError:
        pass
    return 1


answer(b"ready")
for request in requests():
    directory, file, count, *rest = request.split(b"\0")
    own = rest[int(count) :]
    env = {**INHERITED, **dict(zip(own[::2], own[1::2]))}
    try:
        pid = start(directory, file, rest[: int(count)], env)
    except (OSError, ValueError) as error:
        answer(b"failed", getattr(error, "errno", EINVAL))
        answer(b"ended", 0, 0, 0)
        continue
    status = wait(pid)
    answer(b"ended", pid, status, end_group(pid))
