#!/usr/bin/env python3
"""Makes a copy of an aarch64 binary with musl that runs as a server under qemu-user.

    tests/image/for-qemu.py BINARY COPY

musl asks the kernel with get_robust_list(2) whether it knows robust mutexes, which LMDB needs, and qemu-user answers that it does not. In the
copy that one system call succeeds. What remains untried is what robust mutexes are for: a process that dies while it holds one.
"""

import sys
from pathlib import Path

data = bytearray(Path(sys.argv[1]).read_bytes())
# `mov x8, #100` chooses the system call, `svc #0` makes it, `mov x0, #0` is success.
choose, call, success = bytes.fromhex("880c80d2"), bytes.fromhex("010000d4"), bytes.fromhex("000080d2")
calls = []
place = data.find(choose)
while place >= 0:
    if place % 4 == 0:
        calls += [at for at in range(place + 4, place + 40, 4) if data[at : at + 4] == call][:1]
    place = data.find(choose, place + 1)
if len(calls) != 1:
    sys.exit(f"{sys.argv[1]}: get_robust_list(2) is called in {len(calls)} places, not in one")
data[calls[0] : calls[0] + 4] = success
copy = Path(sys.argv[2])
copy.write_bytes(data)
copy.chmod(0o755)
