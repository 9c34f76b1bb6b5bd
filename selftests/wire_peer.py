# SPDX-License-Identifier: GPL-2.0
"""A second implementation of Documentation/wire.rst, and enough TCP for it.

Written from that page alone, over raw frames.  Nothing here retransmits,
and a test may send whatever it likes.
"""
import os
import select
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
KIND, EXID = 254, 0x5753
OVERHEAD, HEADER, DISC_MAX = 20, 16, 4096
MSS = b'\x02\x04\x05\xb4'
M64 = (1 << 64) - 1
SOON = 15


def siphash(k0, k1, data):
    """SipHash-2-4, Aumasson and Bernstein 2012."""
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotl(x, n):
        return (x << n | x >> (64 - n)) & M64

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & M64
            v[1] = rotl(v[1], 13) ^ v[0]
            v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[3]) & M64
            v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & M64
            v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & M64
            v[1] = rotl(v[1], 17) ^ v[2]
            v[2] = rotl(v[2], 32)

    whole = len(data) & ~7
    last = data[whole:].ljust(7, b'\0') + bytes([len(data) & 255])
    for (m,) in struct.iter_unpack('<Q', data[:whole] + last):
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


# --- wire.rst -------------------------------------------------------------

def option(tag):
    return struct.pack('!BBHI', KIND, 8, EXID, tag)


def with_mss(options):
    return options if len(options) > 36 else MSS + options


def find_tag(options):
    """The tag of the first option of ours, 0 without one."""
    while options and options[0]:
        if options[0] == 1:
            options = options[1:]
            continue
        if len(options) < 2 or not 2 <= options[1] <= len(options):
            break
        if options[1] == 8 and struct.unpack('!BxH', options[:4]) == (KIND, EXID):
            return struct.unpack('!I', options[4:8])[0]
        options = options[options[1]:]
    return 0


def magic_of(tag):
    return tag >> 16 ^ tag & 0xffff


def mac_of(tag, magic, length, oob):
    number = magic << 48 | length << 32 | oob
    return siphash(tag << 32 | tag, 0x7773702d64697363, struct.pack('<Q', number))


def record(tag, data, oob=0, length=None, **forged):
    """For the receiver with that tag; whatever is forged stays as given."""
    length = len(data) if length is None else length
    magic = forged.get('magic', magic_of(tag))
    mac = forged.get('mac', mac_of(tag, magic, length, oob))
    return (struct.pack('!HHIQ', magic, length, oob, mac) + data +
            forged.get('footer', struct.pack('!HH', magic, length)))


def header(data, tag):
    """Length and OOB word of a header for that tag, or None."""
    if len(data) < HEADER:
        return None
    magic, length, oob, mac = struct.unpack('!HHIQ', data[:HEADER])
    if (magic != magic_of(tag) or length > DISC_MAX or
            mac != mac_of(tag, magic, length, oob)):
        return None
    return length, oob


def split(data, mark, tag):
    """(stream, disconnect data, OOB word) of a direction that has ended."""
    if mark is None or mark > len(data) or not header(data[mark:], tag):
        if len(data) < OVERHEAD:
            return data, None, 0
        mark = len(data) - OVERHEAD - struct.unpack('!H', data[-2:])[0]
        if mark < 0 or data[-4:] != data[mark:mark + 4]:
            return data, None, 0
    found = header(data[mark:], tag)
    if not found:
        return data, None, 0
    length, oob = found
    if len(data) < mark + OVERHEAD + length:
        return data[:mark], None, 0
    return data[:mark], data[mark + HEADER:mark + HEADER + length], oob


# --- TCP ------------------------------------------------------------------

def checksum(data):
    if len(data) & 1:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Segment:
    """A received segment."""

    def __init__(self, packet):
        self.packet = packet
        if packet[0] >> 4 == 6:
            self.src, tcp = packet[8:24], packet[40:]
            tcp = tcp[:struct.unpack('!H', packet[4:6])[0]]
            proto = packet[6]
        else:
            head = (packet[0] & 15) * 4
            self.src = packet[12:16]
            tcp = packet[head:struct.unpack('!H', packet[2:4])[0]]
            proto = packet[9]
        self.is_tcp = proto == 6 and len(tcp) >= 20
        if not self.is_tcp:
            return
        (self.sport, self.dport, self.seq, self.ack, off, self.flags,
         self.window, self.urg) = struct.unpack('!HHIIBBHxxH', tcp[:20])
        self.options = tcp[20:(off >> 4) * 4]
        self.data = tcp[(off >> 4) * 4:]
        self.tag = find_tag(self.options)

    def has(self, flags):
        return self.flags & flags == flags


class Wire:
    """A network card that no kernel answers for."""

    def __init__(self, dev, mac, peer_mac):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                  socket.htons(3))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((dev, 0))
        self.macs = bytes.fromhex((peer_mac + mac).replace(':', ''))
        self.kept = []

    def send(self, addrs, payload, proto=6):
        """With the IP header and the checksum, which TCP has at 16, ICMP at 2."""
        src, dst = addrs
        at = 16 if proto == 6 else 2
        pseudo = b'' if proto == 1 else \
            src + dst + struct.pack('!II', len(payload), proto)
        payload = (payload[:at] + struct.pack('!H', checksum(pseudo + payload)) +
                   payload[at + 2:])
        if len(src) == 4:
            head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload), 0,
                               0x4000, 64, proto, 0) + src + dst
            head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
            kind = b'\x08\0'
        else:
            head = struct.pack('!IHBB', 6 << 28, len(payload), proto, 64) + src + dst
            kind = b'\x86\xdd'
        self.sock.send(self.macs + kind + head + payload)

    def too_big(self, addrs, seg, mtu):
        """What a router says of a segment that it cannot pass on."""
        v4 = len(addrs[0]) == 4
        head = struct.pack('!BBHHH', 3, 4, 0, 0, mtu) if v4 else \
            struct.pack('!BBHI', 2, 0, 0, mtu)
        self.send(addrs, head + seg.packet[:28 if v4 else 1200], 1 if v4 else 58)

    def recv(self, wanted, timeout):
        """The next segment wanted; others are kept for their connections."""
        for i, seg in enumerate(self.kept):
            if wanted(seg):
                return self.kept.pop(i)
        end = time.monotonic() + timeout
        while True:
            left = max(end - time.monotonic(), 0)
            if not select.select([self.sock], [], [], left)[0]:
                return None
            frame, where = self.sock.recvfrom(1 << 17)
            if where[2] == socket.PACKET_OUTGOING or \
                    frame[12:14] not in (b'\x08\0', b'\x86\xdd'):
                continue
            seg = Segment(frame[14:])
            if seg.is_tcp and wanted(seg):
                return seg
            if seg.is_tcp:
                self.kept.append(seg)


class Conn:
    """One connection; @mark is the offset of the last urgent mark in @data."""

    def __init__(self, wire, addrs, ports):
        self.wire, self.addrs, self.ports = wire, addrs, ports
        self.seq = self.start = int.from_bytes(os.urandom(4), 'big')
        self.tag = int.from_bytes(os.urandom(4), 'big') | 0x10001
        self.ack = self.base = 0
        self.peer_tag = 0
        self.data, self.mark, self.fin, self.reset = b'', None, False, False
        self.segments = []

    def send(self, flags=ACK, data=b'', at=None, urg=None, options=b'', move=True):
        """@at: sequence number; @urg: offset of the byte to mark in @data."""
        seq = self.seq if at is None else at
        options += b'\1' * (-len(options) % 4)
        flags |= 0 if urg is None else URG
        pointer = 0 if urg is None or flags & SYN else urg + 1
        self.wire.send(self.addrs, struct.pack(
            '!HHIIBBHHH', *self.ports, seq & 0xffffffff,
            self.ack if flags & ACK else 0, (20 + len(options)) << 2, flags,
            65535, 0, pointer) + options + data)
        if move and at is None:
            self.seq = (seq + len(data) + bool(flags & (SYN | FIN))) & 0xffffffff

    def recv(self, timeout=SOON):
        return self.wire.recv(lambda s: (s.dport, s.sport) == self.ports and
                              s.src == self.addrs[1], timeout)

    def settle(self, seg):
        """Takes in a SYN or SYN-ACK."""
        self.base = self.ack = (seg.seq + 1) & 0xffffffff
        self.peer_tag = seg.tag

    def connect(self, options=None, urg=True):
        """As the client; the SYN-ACK."""
        if options is None:
            options = option(self.tag)
        self.send(SYN, options=with_mss(options), urg=0 if urg else None)
        seg = self.recv()
        assert seg and seg.flags & ~PSH == SYN | ACK, 'no SYN-ACK'
        self.settle(seg)
        return seg

    def take(self, seg):
        """Accounts for a segment and acknowledges it."""
        self.segments.append(seg)
        self.reset |= seg.has(RST)
        skip = (self.ack - seg.seq) & 0xffffffff
        if seg.has(URG) and not seg.has(SYN):
            self.mark = (seg.seq + seg.urg - 1 - self.base) & 0xffffffff
        if skip <= len(seg.data):
            self.data += seg.data[skip:]
            fin = seg.has(FIN) and not self.fin
            self.fin |= fin
            self.ack = (self.ack + len(seg.data) - skip + fin) & 0xffffffff
        if seg.data or seg.has(FIN):
            self.send()

    def read(self):
        """To the FIN or a reset; (stream, disconnect data, OOB word)."""
        while not self.fin and not self.reset:
            seg = self.recv()
            assert seg, 'no end of the stream after %d bytes' % len(self.data)
            self.take(seg)
        return split(self.data, self.mark, self.tag)

    def finish(self, data, urg=None):
        """The end of the stream, in as many segments as it takes."""
        for off in range(0, max(len(data), 1), 1400):
            last = off + 1400 >= len(data)
            self.send(ACK | (FIN if last else 0), data[off:off + 1400],
                      urg=urg if not off else None)

    def disconnect(self, data, oob=0):
        """As wire.rst says: the record and the FIN, marked."""
        self.finish(record(self.peer_tag, data, oob), 0)
