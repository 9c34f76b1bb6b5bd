#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Spoil a capture: obs_mutate.py IN.pcap OUT.pcap ROUNDS [SEED]

OUT has one frame whose MAC is off by one bit, behind the frames of its connection,
then ROUNDS copies of everything with random bytes changed in IP, TCP and payload,
or cut short.
"""
import random
import struct
import sys

ETHERNET = 14


def read(path):
    with open(path, 'rb') as f:
        header = f.read(24)
        frames = []
        while head := f.read(16):
            frames.append(f.read(struct.unpack('<4I', head)[2]))
    return header, frames


def spoil(frame):
    frame = bytearray(frame)
    for _ in range(random.choice((0, 1, 1, 2, 5, 20))):
        # Mostly in the headers: what nobody takes for TCP tests nothing.
        at = min(int(random.expovariate(1 / 60)) + ETHERNET, len(frame) - 1)
        frame[at] = random.choice((0, 1, 0x7f, 0x80, 0xff, frame[at] ^ 1 << random.randrange(8)))
    if not random.randrange(4):
        frame = frame[:random.randrange(len(frame) + 1)]
    if not random.randrange(8):
        frame += random.randbytes(random.randrange(64))
    return bytes(frame)


def wrong_mac(frames):
    """The connection of port 7101, with the last bit of the client's MAC wrong."""
    out = []
    for frame in frames:
        if struct.pack('>H', 7101) in frame[34:38]:
            at = frame.find(b'client: done')
            if at > 0:
                frame = frame[:at - 1] + bytes([frame[at - 1] ^ 1]) + frame[at:]
            out.append(frame)
    return out


def main():
    header, frames = read(sys.argv[1])
    random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    out = wrong_mac(frames)
    for _ in range(int(sys.argv[3])):
        out += [spoil(f) for f in frames]
    with open(sys.argv[2], 'wb') as f:
        f.write(header)
        for i, frame in enumerate(out):
            # What was cut off is said to have been there.
            size = max(len(frame), random.choice((0, 60, 1500)))
            f.write(struct.pack('<4I', i, 0, len(frame), size) + frame)


main()
