#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service manager for tests: what systemd does with Type=notify, WatchdogSec and Restart=on-failure.

    service_manager.py WATCHDOG_SECONDS LOG COMMAND...

Writes to LOG, a line each: "started PID", each line that the service sends (READY=1, WATCHDOG=1, ...),
"late" when the watchdog is not fed in time, "ended STATUS". Ends on SIGTERM, after the service.
"""
import os
import select
import signal
import socket
import subprocess
import sys
import time

watchdog_s, log_path, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
log = open(log_path, "w", buffering=1)
path = log_path + ".socket"
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.chmod(path, 0o666)
stopping = False


def stop(_number, _frame):
    global stopping
    stopping = True


signal.signal(signal.SIGTERM, stop)


def start():
    # WATCHDOG_PID is left out, as it may be: the service is whom COMMAND becomes in the end.
    environment = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC=str(int(watchdog_s * 1e6)))
    service = subprocess.Popen(command, env=environment)
    print("started", service.pid, file=log)
    return service


def serve(service):
    """Until it ends by itself, or by the watchdog, or we are to stop."""
    limit, fed, told = watchdog_s, time.monotonic(), False
    while service.poll() is None:
        if stopping and not told:
            service.terminate()
            told = True
        if not select.select([listener], [], [], 0.1)[0]:
            if time.monotonic() - fed > limit:
                print("late", file=log)
                service.send_signal(signal.SIGABRT)
                service.send_signal(signal.SIGKILL)
                service.wait()
            continue
        for line in listener.recv(4096).decode().splitlines():
            print(line, file=log)
            if line == "WATCHDOG=1":
                fed = time.monotonic()
            elif line.startswith("WATCHDOG_USEC="):
                limit = int(line.split("=")[1]) / 1e6
    print("ended", service.returncode, file=log)


while not stopping:
    serve(start())
    if not stopping:
        time.sleep(0.2)
