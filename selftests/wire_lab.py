# SPDX-License-Identifier: GPL-2.0
"""The raw peer of wire_peer.py in namespace client, attached sockets in server.

A test is a function of a Lab, run once for IPv4 and once for IPv6; results
are KTAP.
"""
import ctypes
import errno
import fcntl
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

from wire_peer import ACK, RST, SOON, SYN, Conn, Wire, with_mss

TCP_ULP, SOL_TCP = 31, 6
DISC_SEND, DISC_RECV, INFO_GET = 0x402089e0, 0xc02089e1, 0x804089e2
KEEP_RECV = 1
FALLBACK_NONE, FALLBACK_NO_OPTION, FALLBACK_URG = 0, 1, 6
CAN_SEND = 4
MACS = ('02:77:00:00:00:01', '02:77:00:00:00:02')
HOSTS = {socket.AF_INET: ('10.77.0.1', '10.77.0.2'),
         socket.AF_INET6: ('fd77::1', 'fd77::2')}


def run(*args):
    subprocess.run(args, check=True)


def enter(ns):
    with open('/run/netns/' + ns, 'rb') as f:
        if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), ns)


def sysctl(name, value):
    with open('/proc/sys/' + name.replace('.', '/'), 'w', encoding='ascii') as f:
        f.write(str(value))


class App:
    """An application's attached socket."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.setblocking(False)
        self.error = 0

    def wait(self, events):
        poll = select.poll()
        poll.register(self.sock, events)
        assert poll.poll(SOON * 1000), 'nothing to be polled'

    def now(self, size=1 << 16):
        """What can be read without waiting; None if nothing can."""
        try:
            return self.sock.recv(size)
        except BlockingIOError:
            return None

    def read(self):
        """To the end of the stream; @error is what ended it."""
        data = b''
        self.error = 0
        while True:
            self.wait(select.POLLIN)
            try:
                part = self.sock.recv(1 << 16)
            except BlockingIOError:
                continue
            except OSError as e:
                self.error = e.errno
                return data
            if not part:
                return data
            data += part

    def urgent(self):
        """The urgent byte; None without one."""
        try:
            return self.sock.recv(1, socket.MSG_OOB)
        except OSError:
            return None

    def disc(self):
        """The peer's disconnect data, or a negative errno."""
        room = ctypes.create_string_buffer(8192)
        args = bytearray(struct.pack('=QIIQQ', ctypes.addressof(room), 8192,
                                     KEEP_RECV, 0, 0))
        try:
            fcntl.ioctl(self.sock, DISC_RECV, args)
        except OSError as e:
            return -e.errno
        return room.raw[:struct.unpack('=QI', args[:12])[1]]

    def end(self, data):
        """Disconnects; 0 or a negative errno."""
        room = ctypes.create_string_buffer(data, len(data))
        try:
            fcntl.ioctl(self.sock, DISC_SEND,
                        struct.pack('=QIIQQ', ctypes.addressof(room),
                                    len(data), 0, 0, 0))
        except OSError as e:
            return -e.errno
        return 0

    def info(self):
        args = bytearray(64)
        fcntl.ioctl(self.sock, INFO_GET, args)
        return struct.unpack('=16I', args)

    def fallback(self):
        return self.info()[6]

    def can_send(self):
        return bool(self.info()[1] & CAN_SEND)


class Lab:
    def __init__(self):
        for ns, mac in zip(('client', 'server'), MACS):
            run('ip', '-n', ns, 'link', 'set', 'veth0', 'address', mac)
        run('ip', '-n', 'client', 'addr', 'flush', 'dev', 'veth0')
        enter('client')
        # Else its kernel would tell routers and listeners about itself.
        sysctl('net.ipv6.conf.all.disable_ipv6', 1)
        self.wire = Wire('veth0', *MACS)
        enter('server')
        self.family = None
        self.port = 20000
        self.listeners = {}
        self.conns = []
        for family, hosts in HOSTS.items():
            run('ip', 'neigh', 'replace', hosts[0], 'lladdr', MACS[0], 'dev',
                'veth0', 'nud', 'permanent')
            self.listeners[family] = sock = self.socket(family)
            sock.bind((hosts[1], 7000))
            sock.listen(64)

    @staticmethod
    def socket(family):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(SOL_TCP, TCP_ULP, b'wsp')
        return sock

    def conn(self, port=7000):
        """A connection of the raw peer, not yet opened."""
        self.port += 1
        addrs = tuple(socket.inet_pton(self.family, h)
                      for h in HOSTS[self.family])
        conn = Conn(self.wire, addrs, (self.port, port))
        self.conns.append(conn)
        return conn

    def accept(self):
        listener = self.listeners[self.family]
        assert select.select([listener], [], [], SOON)[0], 'nobody connects'
        return App(listener.accept()[0])

    def server(self, options=None, urg=True):
        """Connection with the raw peer as the client."""
        conn = self.conn()
        conn.connect(options, urg)
        conn.send(ACK)
        return conn, self.accept()

    def begin(self):
        """An application that connects to the raw peer, and its SYN."""
        conn = self.conn()
        sock = self.socket(self.family)
        app = App(sock)
        assert sock.connect_ex((HOSTS[self.family][0], conn.ports[0])) in (
            0, errno.EINPROGRESS)
        conn.ports = (conn.ports[0], sock.getsockname()[1])
        seg = conn.recv()
        assert seg and seg.has(SYN), 'no SYN'
        conn.settle(seg)
        return conn, app, seg

    def client(self, options):
        """Connection with the raw peer as the server; @options(conn)."""
        conn, app, _ = self.begin()
        conn.send(SYN | ACK, options=with_mss(options(conn)))
        app.wait(select.POLLOUT)
        return conn, app

    def clean(self):
        """What a test left open must not talk into the next."""
        for conn in self.conns:
            conn.send(RST | ACK)
        self.conns.clear()
        self.wire.kept.clear()


def same(got, want, what):
    assert got == want, '%s: %.300r, not %.300r' % (what, got, want)


def main(tests):
    signal.alarm(200)
    lab = Lab()
    sysctl('net.wsp.max_data', 4096)
    # Segments as they are on a wire, none cut by the card.
    run('ip', 'link', 'set', 'veth0', 'gso_max_segs', '1')
    print('KTAP version 1\n1..%d' % (2 * len(tests)))
    count = failed = 0
    for family, suffix in ((socket.AF_INET, 'v4'), (socket.AF_INET6, 'v6')):
        lab.family = family
        for test in tests:
            count += 1
            start = time.monotonic()
            result = 'ok'
            try:
                test(lab)
            except Exception:
                failed += 1
                result = 'not ok'
                print(''.join('# %s\n' % line for line in
                              traceback.format_exc().splitlines()), end='')
            lab.clean()
            print('%s %d %s %s # %d ms' % (
                result, count, suffix, test.__doc__,
                (time.monotonic() - start) * 1000), flush=True)
    sys.exit(1 if failed else 0)
