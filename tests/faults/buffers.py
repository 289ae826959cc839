#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Buffers of another process made small: buffers.py PID OCTETS.

Of its netlink sockets those that have joined a group, which the kernel tells things that nobody asked for.
As if the kernel had granted no more, which it cannot refuse to root. Prints for each
its protocol and the octets before and after; ends with 1 if there is none.
"""
import ctypes
import os
import socket
import sys

PIDFD_GETFD, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS = 438, 270, 9

process, octets = os.pidfd_open(int(sys.argv[1])), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
found = 0
for name in os.listdir(f"/proc/{sys.argv[1]}/fd"):
    if not os.readlink(f"/proc/{sys.argv[1]}/fd/{name}").startswith("socket:"):
        continue
    fd = libc.syscall(PIDFD_GETFD, process, int(name), 0)
    if fd < 0:
        sys.exit(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=fd) as theirs:
        if theirs.family != socket.AF_NETLINK or not any(
                theirs.getsockopt(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 64)):
            continue
        before = theirs.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
        print(f"netlink {theirs.proto}: {before} octets before,",
              theirs.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF), "now")
        found += 1
sys.exit(not found)
